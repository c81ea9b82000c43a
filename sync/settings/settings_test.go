package settings

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const full = `# A station's settings.
language = "nl"
data_dir = "/srv/printroom"
idle_lock_minutes = 5

[central]
url = "https://central.bjet24.example:8443/"
authority = "/etc/printroom/authority.pem"

[printer]
name = "Pers 1"
uri = "ipps://press.local:631/ipp/print"
pin = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

[tpm]
endpoint = "unix:/run/swtpm/socket"

[limits]
claim_jobs = 10

[receipts]
folder = "/srv/receipts/"
`

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadReadsEveryKey(t *testing.T) {
	path := write(t, "settings.toml", full)
	got, err := Load(path, write(t, "more.toml", "[printer]\nname = \"Pers 1\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Settings{
		Language: "nl", DataDir: "/srv/printroom", IdleLock: 5 * time.Minute,
		Central: Central{
			URL: "https://central.bjet24.example:8443", Authority: "/etc/printroom/authority.pem",
		},
		Printer: Printer{Name: "Pers 1", URI: "ipps://press.local:631/ipp/print", File: path},
		TPM:     TPM{Endpoint: "unix:/run/swtpm/socket"},
		Limits:  Limits{ClaimJobs: 10}, Receipts: Receipts{Folder: "/srv/receipts"},
	}
	for i := range want.Printer.Pin {
		want.Printer.Pin[i] = byte(i)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, name := range unset(reflect.ValueOf(got), "Settings") {
		t.Errorf("no key of the test's file sets %s", name)
	}
}

// unset names the fields that have no value, so that a new one is not forgotten
// here, nor in the example.
func unset(v reflect.Value, name string) (names []string) {
	if v.Kind() != reflect.Struct {
		if v.IsZero() {
			names = append(names, name)
		}
		return names
	}
	for i := range v.NumField() {
		names = append(names, unset(v.Field(i), name+"."+v.Type().Field(i).Name)...)
	}
	return names
}

func TestPolicyWinsKeyByKey(t *testing.T) {
	if PolicyPath() != "/etc/printroom/policy.toml" {
		t.Errorf("the policy is looked for at %s", PolicyPath())
	}
	policy := write(t, "policy.toml", "idle_lock_minutes = 2\n[printer]\nname = \"Room\"\n")
	got, err := load([]string{write(t, "settings.toml", full), filepath.Join(t.TempDir(), "absent.toml"), policy})
	if err != nil {
		t.Fatal(err)
	}
	if got.IdleLock != 2*time.Minute || got.Printer.Name != "Room" {
		t.Errorf("policy did not win: %+v", got)
	}
	if got.Language != "nl" || got.Printer.URI != "ipps://press.local:631/ipp/print" {
		t.Errorf("policy took away what it does not name: %+v", got)
	}
}

func TestAbsentFilesGiveDefaults(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "/home/someone/data")
	got, err := Load(filepath.Join(t.TempDir(), "absent.toml"))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.DataDir = "/home/someone/data/printroom"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"central.url", "central.authority", "printer.uri"}, got.Missing()); diff != "" {
		t.Error(diff)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		line    int
		key     string
		says    string
	}{
		"unknown key":          {"language = \"fr\"\nlanguages = 1\n", 2, "languages", "is not a setting"},
		"unknown key below":    {"[printer]\n\nspeed = 3\n", 3, "printer.speed", "is not a setting"},
		"unknown table":        {"\n[print]\nname = \"x\"\n", 2, "print", "is not a setting"},
		"inline table":         {"tpm = { endpoint = \"\", simulator = true }\n", 1, "tpm.simulator", "is not a setting"},
		"upper case":           {"Language = \"fr\"\n", 1, "Language", "is not a setting"},
		"quoted dotted key":    {"\n\"central.url\" = \"https://a\"\n", 2, `"central.url"`, "is not a setting"},
		"comma in the key":     {"[printer]\n\"a,b\" = 1\n", 1, `printer."a,b"`, "is not a setting"},
		"string for a number":  {"\n\nidle_lock_minutes = \"3\"\n", 3, "idle_lock_minutes", "must be an integer, not a string"},
		"float for a number":   {"[limits]\nclaim_jobs = 1.5\n", 2, "limits.claim_jobs", "must be an integer, not a float"},
		"number for a string":  {"language = 7\n", 1, "language", "must be a string, not an integer"},
		"array for a string":   {"language = [\"fr\"]\n", 1, "language", "must be a string, not an array"},
		"value for a table":    {"central = \"https://a\"\n", 1, "central", "must be a table, not a string"},
		"array of tables":      {"[[printer]]\nname = \"a\"\n[[printer]]\nname = \"b\"\n", 0, "printer", "must be a table, not an array"},
		"language":             {"language = \"es\"\n", 1, "language", "one of fr, nl, de, en"},
		"relative folder":      {"data_dir = \"data\"\n", 1, "data_dir", "absolute"},
		"idle lock too long":   {"idle_lock_minutes = 6\n", 1, "idle_lock_minutes", "from 2 to 5"},
		"clear central":        {"[central]\nurl = \"http://a\"\n", 2, "central.url", "https://host"},
		"central with a path":  {"[central]\nurl = \"https://a/v1\"\n", 2, "central.url", "https://host"},
		"central with a user":  {"[central]\nurl = \"https://me:secret@a\"\n", 2, "central.url", "https://host"},
		"printer's scheme":     {"[printer]\nuri = \"socket://a:9100\"\n", 2, "printer.uri", "ipps://"},
		"short pin":            {"[printer]\npin = \"00ff\"\n", 2, "printer.pin", "64 hexadecimal"},
		"no such limit":        {"[limits]\npages = 50\n", 2, "limits.pages", "is not a setting"},
		"TPM over TCP":         {"[tpm]\nendpoint = \"tcp:localhost:2321\"\n", 2, "tpm.endpoint", "unix:/path"},
		"control character":    {"[printer]\nname = \"a\\u0007\"\n", 2, "printer.name", "printable"},
		"syntax":               {"language = \"fr\"\ndata_dir = /srv\n", 2, "data_dir", ""},
		"key twice":            {"language = \"fr\"\nlanguage = \"nl\"\n", 2, "language", ""},
		"not text":             {"a = \"\xff\"\n", 1, "a", "UTF-8"},
		"relative receipts":    {"[receipts]\nfolder = \"scans\"\n", 2, "receipts.folder", "absolute"},
		"receipts at the root": {"[receipts]\nfolder = \"//\"\n", 2, "receipts.folder", "root"},
		"receipts in the data": {"data_dir = \"/d\"\n[receipts]\nfolder = \"/d/in\"\n", 0, "receipts.folder", "data folder"},
		"data in the receipts": {"data_dir = \"/d/e\"\n[receipts]\nfolder = \"/d\"\n", 0, "receipts.folder", "data folder"},
		"ipps without a pin":   {"[printer]\nuri = \"ipps://a/ipp\"\n", 0, "printer.pin", "required"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "settings.toml", c.content)
			got, err := Load(path)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %+v, %v", got, err)
			}
			if e.File != path || e.Key != c.key || !strings.Contains(e.Problem, c.says) || c.line != 0 && e.Line != c.line {
				t.Errorf("got %v; want line %d, key %q, %q", e, c.line, c.key, c.says)
			}
			if got != (Settings{}) {
				t.Errorf("settings came with the error: %+v", got)
			}
		})
	}
}

func TestSeveralProblemsAtOnce(t *testing.T) {
	path := write(t, "settings.toml", "wrong = 1\nlanguage = 2\n[printer]\nx = 1\n")
	_, err := Load(path)
	want := path + ":1: wrong: is not a setting of this program\n" +
		path + ":2: language: must be a string, not an integer\n" +
		path + ":4: printer.x: is not a setting of this program"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestFileItself(t *testing.T) {
	open := write(t, "open.toml", "")
	if err := os.Chmod(open, 0o666); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"writable by others": open,
		"a folder":           t.TempDir(),
		"too large":          write(t, "large.toml", strings.Repeat("#\n", maxFile)),
	} {
		var e *Error
		if _, err := Load(path); !errors.As(err, &e) || e.File != path {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestPathsFollowXDG(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", "/home/someone/config")
	if own, err := OwnPath(); err != nil || own != "/home/someone/config/printroom/settings.toml" {
		t.Errorf("OwnPath: %s, %v", own, err)
	}
	t.Setenv("XDG_DATA_HOME", "relative/is/ignored")
	t.Setenv("HOME", "/home/someone")
	if dir, err := DataHome(); err != nil || dir != "/home/someone/.local/share/printroom" {
		t.Errorf("DataHome: %s, %v", dir, err)
	}
}

func TestDataFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "share", "printroom")
	for range 2 { // made, then found
		if err := MakeDataFolder(dir); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("got %v, %v", info.Mode(), err)
	}
	link := filepath.Join(t.TempDir(), "link")
	file := write(t, "file", "")
	open := filepath.Join(t.TempDir(), "open")
	if err := errors.Join(os.Symlink(dir, link), os.Mkdir(open, 0o700), os.Chmod(open, 0o750)); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{
		"relative": "data", "symbolic link": link, "file": file, "open to the group": open,
	} {
		if err := MakeDataFolder(dir); !errors.Is(err, ErrDataFolder) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if info, err := os.Stat(open); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("an open folder was repaired in silence: %v, %v", info.Mode(), err)
	}
}

func TestPrivateChecksTheOwner(t *testing.T) {
	info, err := os.Stat("/proc/1")
	if err != nil {
		t.Fatal(err)
	}
	err = private(foreign{info})
	if err == nil || !strings.Contains(err.Error(), "belongs to user") {
		t.Errorf("got %v", err)
	}
}

func FuzzApply(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("a.b.c = 1\n[[d]]\ne = [{f = 1}]\n\"\" = 2\n"))
	f.Add([]byte("[printer]\n\"x\\ty\" = 1979-05-27T07:32:00Z\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := Default()
		err := apply(&s, "f", data)
		if err == nil {
			if s.IdleLock < 2*time.Minute || s.IdleLock > 5*time.Minute || s.Limits.ClaimJobs < 1 || s.Limits.ClaimJobs > 100 {
				t.Fatalf("out of bounds: %+v", s)
			}
			return
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("not an *Error: %v", err)
		}
		if e.File != "f" || e.Line < 0 || e.Line > 1+strings.Count(string(data), "\n") {
			t.Fatalf("wrong place: %v", e)
		}
	})
}

// The example that administrators start from names every key and is valid.
func TestExample(t *testing.T) {
	data, err := os.ReadFile("../../packaging/settings.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Load(write(t, "settings.toml", string(data)))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Missing()) != 0 || got.Receipts.Folder == "" {
		t.Errorf("the example leaves out %v", got.Missing())
	}
	for line := range strings.Lines(full) {
		if key, _, ok := strings.Cut(line, " = "); ok && !strings.Contains("\n"+string(data), "\n"+key+" = ") {
			t.Errorf("the example says nothing of %s", key)
		}
	}
}
