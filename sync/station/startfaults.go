package station

// What keeps the program from starting, before there is a station.
const (
	AlreadyRunning FaultCode = "already_running"
	NotEnrolled    FaultCode = "not_enrolled"
	BadSettings    FaultCode = "settings"
	DataFolder     FaultCode = "data_folder"
)

func startFaults() []FaultCode {
	return []FaultCode{AlreadyRunning, NotEnrolled, BadSettings, DataFolder}
}
