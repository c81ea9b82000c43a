//go:build linux

#include "mupdf.h"

#include <signal.h>
#include <string.h>

#include "mupdf_api.h"

struct pr_document {
	fz_context *ctx;
	pdf_document *pdf;
};

/* Messages hold text of the document: they end here. */
static void discard(void *user, const char *message) { (void)user; (void)message; }

/* To be called first thing in a catch block. */
static int caught(fz_context *ctx)
{
	int code = fz_caught(ctx);
	fz_report_error(ctx);
	return code == FZ_ERROR_SYSTEM || code == FZ_ERROR_LIMIT ? PR_MEMORY : PR_CORRUPT;
}

int pr_open(const unsigned char *data, size_t length, pr_document **out)
{
	/* One struct a process, which ends with its document: nothing is freed. */
	static pr_document doc;
	fz_context *ctx = fz_new_context_imp(NULL, NULL, FZ_STORE_DEFAULT, FZ_VERSION);
	fz_stream *stm = NULL;
	int status = PR_OK;

	if (!ctx)
		return PR_MEMORY;
	fz_set_error_callback(ctx, discard, NULL);
	fz_set_warning_callback(ctx, discard, NULL);
	/*
	 * No colour management: Debian's mutool has none, so its pixels can be
	 * compared with, and no profile of a stranger is parsed.
	 */
	fz_disable_icc(ctx);
	doc.ctx = ctx;

	fz_var(stm);
	fz_try(ctx) {
		stm = fz_open_memory(ctx, data, length);
		/* Straight to the PDF reader: none of MuPDF's other formats is registered. */
		doc.pdf = pdf_open_document_with_stream(ctx, stm);
		if (pdf_needs_password(ctx, doc.pdf))
			status = PR_ENCRYPTED;
	}
	fz_always(ctx)
		fz_drop_stream(ctx, stm);
	fz_catch(ctx)
		return caught(ctx);
	*out = &doc;
	return status;
}

/* Whether a name tree of the catalogue holds anything. */
static int any_names(fz_context *ctx, pdf_obj *trailer, const char *tree)
{
	pdf_obj *root = pdf_dict_getp(ctx, pdf_dict_getp(ctx, trailer, "Root/Names"), tree);
	return pdf_array_len(ctx, pdf_dict_getp(ctx, root, "Names")) > 0 ||
		pdf_array_len(ctx, pdf_dict_getp(ctx, root, "Kids")) > 0;
}

static int is_javascript(fz_context *ctx, pdf_obj *trailer)
{
	const char *action = pdf_to_name(ctx, pdf_dict_getp(ctx, trailer, "Root/OpenAction/S"));
	return any_names(ctx, trailer, "JavaScript") || !strcmp(action, "JavaScript");
}

int pr_describe(pr_document *doc, int *pages, unsigned *flags)
{
	fz_context *ctx = doc->ctx;

	fz_try(ctx) {
		pdf_obj *trailer = pdf_trailer(ctx, doc->pdf);
		unsigned f = 0;
		*pages = pdf_count_pages(ctx, doc->pdf);
		if (is_javascript(ctx, trailer))
			f |= PR_JAVASCRIPT;
		if (any_names(ctx, trailer, "EmbeddedFiles"))
			f |= PR_ATTACHMENTS;
		if (pdf_dict_getp(ctx, trailer, "Root/AcroForm/XFA"))
			f |= PR_XFA;
		if (pdf_was_repaired(ctx, doc->pdf))
			f |= PR_REPAIRED;
		*flags = f;
	}
	fz_catch(ctx)
		return caught(ctx);
	return PR_OK;
}

int pr_size(pr_document *doc, int index, float *width, float *height)
{
	fz_context *ctx = doc->ctx;

	fz_try(ctx) {
		fz_rect box;
		fz_matrix ctm;
		pdf_page_obj_transform(ctx, pdf_lookup_page_obj(ctx, doc->pdf, index), &box, &ctm);
		box = fz_transform_rect(box, ctm);
		*width = box.x1 - box.x0;
		*height = box.y1 - box.y0;
	}
	fz_catch(ctx)
		return caught(ctx);
	return PR_OK;
}

/*
 * mutool's treatment of spot colours and overprint: blended to what they look
 * like on paper. Returns NULL when the page needs none of it.
 */
static fz_separations *separations(fz_context *ctx, pr_document *doc, fz_page *page)
{
	fz_separations *seps = fz_page_separations(ctx, page);
	fz_colorspace *intent;
	int i, n;

	if (seps) {
		n = fz_count_separations(ctx, seps);
		for (i = 0; i < n; i++)
			fz_set_separation_behavior(ctx, seps, i, FZ_SEPARATION_COMPOSITE);
		return seps;
	}
	if (fz_page_uses_overprint(ctx, page))
		return fz_new_separations(ctx, 0);
	intent = fz_document_output_intent(ctx, (fz_document *)doc->pdf);
	if (intent && fz_colorspace_n(ctx, intent) == 4)
		return fz_new_separations(ctx, 0);
	return NULL;
}

enum { ANNOT_HIDDEN = 1 << 1, ANNOT_NO_VIEW = 1 << 5 };

static int visible(fz_context *ctx, pdf_annot *annot)
{
	int drawn = 0;

	if (pdf_annot_flags(ctx, annot) & (ANNOT_HIDDEN | ANNOT_NO_VIEW))
		return 0;
	/* An appearance that MuPDF made itself is in the annotation's own objects. */
	pdf_annot_push_local_xref(ctx, annot);
	fz_try(ctx)
		drawn = pdf_annot_ap(ctx, annot) != NULL;
	fz_always(ctx)
		pdf_annot_pop_local_xref(ctx, annot);
	fz_catch(ctx)
		fz_rethrow(ctx);
	return drawn;
}

static void count_annotations(fz_context *ctx, pdf_page *page, pr_page *out)
{
	pdf_annot *a;

	for (a = pdf_first_annot(ctx, page); a; a = pdf_next_annot(ctx, a))
		out->annotations += visible(ctx, a);
	for (a = pdf_first_widget(ctx, page); a; a = pdf_next_widget(ctx, a))
		out->widgets += visible(ctx, a);
}

static void draw(fz_context *ctx, pdf_page *page, fz_pixmap *pix, float scale, pr_page *out)
{
	fz_matrix zoom = { scale, 0, 0, scale, 0, 0 };
	fz_matrix identity = { 1, 0, 0, 1, 0, 0 };
	fz_cookie cookie = { 0 };
	fz_device *dev = NULL;

	fz_var(dev);
	fz_try(ctx) {
		fz_clear_pixmap_with_value(ctx, pix, 0xff);
		dev = fz_new_draw_device(ctx, identity, pix);
		fz_run_page(ctx, (fz_page *)page, dev, zoom, &cookie);
		fz_close_device(ctx, dev);
		count_annotations(ctx, page, out);
		out->faults = cookie.errors;
	}
	fz_always(ctx)
		fz_drop_device(ctx, dev);
	fz_catch(ctx)
		fz_rethrow(ctx);
}

/* RGB to grey, with the weights of MuPDF's own conversion. */
static void to_grey(unsigned char *grey, const unsigned char *rgb, size_t pixels)
{
	size_t i;

	for (i = 0; i < pixels; i++, rgb += 3)
		grey[i] = ((rgb[0] + 1) * 77 + (rgb[1] + 1) * 150 + (rgb[2] + 1) * 28) >> 8;
}

/*
 * Draws into the caller's pixels. With separations MuPDF, without colour
 * management, blackens every colour of a grey pixmap (mutool -c gray does,
 * too): such a page is drawn in RGB, as a viewer shows it, and reduced.
 */
static int draw_into(pr_document *doc, pdf_page *page, fz_irect area, float scale, int channels, unsigned char *pixels, pr_page *out)
{
	fz_context *ctx = doc->ctx;
	fz_pixmap *pix = NULL;
	fz_separations *seps = NULL;
	int reduce, drawn = channels, status = PR_OK;

	fz_var(pix);
	fz_var(seps);
	fz_try(ctx) {
		seps = separations(ctx, doc, (fz_page *)page);
		reduce = seps && channels == 1;
		if (reduce) {
			drawn = 3;
			pix = fz_new_pixmap_with_bbox(ctx, fz_device_rgb(ctx), area, seps, 0);
		} else {
			pix = fz_new_pixmap_with_bbox_and_data(ctx, channels == 1 ? fz_device_gray(ctx) : fz_device_rgb(ctx), area, seps, 0, pixels);
		}
		if (fz_pixmap_stride(ctx, pix) != out->width * drawn)
			status = PR_CORRUPT;
		else
			draw(ctx, page, pix, scale, out);
		if (status == PR_OK && reduce)
			to_grey(pixels, fz_pixmap_samples(ctx, pix), (size_t)out->width * out->height);
	}
	fz_always(ctx) {
		fz_drop_pixmap(ctx, pix);
		fz_drop_separations(ctx, seps);
	}
	fz_catch(ctx)
		fz_rethrow(ctx);
	return status;
}

int pr_draw(pr_document *doc, int index, int dpi, int channels, unsigned char *pixels, size_t capacity, pr_page *out)
{
	fz_context *ctx = doc->ctx;
	float scale = dpi / 72.0f;
	pdf_page *page = NULL;
	int status = PR_OK;

	fz_var(page);
	fz_try(ctx) {
		fz_matrix zoom = { scale, 0, 0, scale, 0, 0 };
		fz_irect area;

		memset(out, 0, sizeof *out);
		page = pdf_load_page(ctx, doc->pdf, index);
		area = fz_round_rect(fz_transform_rect(fz_bound_page(ctx, (fz_page *)page), zoom));
		out->width = area.x1 - area.x0;
		out->height = area.y1 - area.y0;
		if (out->width <= 0 || out->height <= 0 || (size_t)out->width > capacity / channels / (size_t)out->height)
			status = PR_PIXELS;
		else
			status = draw_into(doc, page, area, scale, channels, pixels, out);
	}
	fz_always(ctx)
		fz_drop_page(ctx, (fz_page *)page);
	fz_catch(ctx)
		return caught(ctx);
	return status;
}

void pr_default_signals(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU };
	size_t i;

	for (i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
}
