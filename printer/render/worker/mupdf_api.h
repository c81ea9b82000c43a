/*
 * MuPDF 1.24.9 (AGPL-3.0), as far as mupdf.c uses it. Every type but the
 * plain geometry and the cookie is opaque.
 */
#ifndef PRINTROOM_MUPDF_API_H
#define PRINTROOM_MUPDF_API_H

#include <setjmp.h>
#include <stddef.h>

#define FZ_VERSION "1.24.9"
#define FZ_STORE_DEFAULT (256 << 20)

typedef struct fz_context fz_context;
typedef struct fz_stream fz_stream;
typedef struct fz_page fz_page;
typedef struct fz_device fz_device;
typedef struct fz_document fz_document;
typedef struct fz_colorspace fz_colorspace;
typedef struct fz_separations fz_separations;
typedef struct fz_pixmap fz_pixmap;
typedef struct pdf_document pdf_document; /* begins with its fz_document */
typedef struct pdf_page pdf_page;         /* begins with its fz_page */
typedef struct pdf_annot pdf_annot;
typedef struct pdf_obj pdf_obj;

typedef struct { float x0, y0, x1, y1; } fz_rect;
typedef struct { int x0, y0, x1, y1; } fz_irect;
typedef struct { float a, b, c, d, e, f; } fz_matrix;

typedef struct {
	int abort;
	int progress;
	size_t progress_max;
	int errors;
	int incomplete;
} fz_cookie;

enum {
	FZ_ERROR_SYSTEM = 2,
	FZ_ERROR_LIMIT = 5,
	FZ_SEPARATION_COMPOSITE = 0,
};

/* fitz/context.h; fz_jmp_buf is sigjmp_buf wherever the worker runs. */
typedef sigjmp_buf fz_jmp_buf;
fz_jmp_buf *fz_push_try(fz_context *ctx);
int fz_do_try(fz_context *ctx);
int fz_do_always(fz_context *ctx);
int (fz_do_catch)(fz_context *ctx);
void fz_var_imp(void *);
#define fz_var(var) fz_var_imp((void *)&(var))
#define fz_try(ctx) if (!sigsetjmp(*fz_push_try(ctx), 0)) if (fz_do_try(ctx)) do
#define fz_always(ctx) while (0); if (fz_do_always(ctx)) do
#define fz_catch(ctx) while (0); if (fz_do_catch(ctx))
int fz_caught(fz_context *ctx);
void fz_report_error(fz_context *ctx);
__attribute__((noreturn)) void fz_rethrow(fz_context *ctx);

typedef void (fz_message_cb)(void *user, const char *message);
fz_context *fz_new_context_imp(const void *alloc, const void *locks, size_t max_store, const char *version);
void fz_set_error_callback(fz_context *ctx, fz_message_cb *cb, void *user);
void fz_set_warning_callback(fz_context *ctx, fz_message_cb *cb, void *user);

void fz_disable_icc(fz_context *ctx);

fz_stream *fz_open_memory(fz_context *ctx, const unsigned char *data, size_t len);
void fz_drop_stream(fz_context *ctx, fz_stream *stm);

fz_rect fz_transform_rect(fz_rect rect, fz_matrix m);
fz_irect fz_round_rect(fz_rect rect);
fz_rect fz_bound_page(fz_context *ctx, fz_page *page);
void fz_run_page(fz_context *ctx, fz_page *page, fz_device *dev, fz_matrix ctm, fz_cookie *cookie);
void fz_drop_page(fz_context *ctx, fz_page *page);

fz_colorspace *fz_device_gray(fz_context *ctx);
fz_colorspace *fz_device_rgb(fz_context *ctx);
int fz_colorspace_n(fz_context *ctx, fz_colorspace *cs);
fz_colorspace *fz_document_output_intent(fz_context *ctx, fz_document *doc);

fz_separations *fz_page_separations(fz_context *ctx, fz_page *page);
int fz_page_uses_overprint(fz_context *ctx, fz_page *page);
fz_separations *fz_new_separations(fz_context *ctx, int controllable);
int fz_count_separations(fz_context *ctx, const fz_separations *seps);
void fz_set_separation_behavior(fz_context *ctx, fz_separations *seps, int i, int behavior);
void fz_drop_separations(fz_context *ctx, fz_separations *seps);

fz_pixmap *fz_new_pixmap_with_bbox_and_data(fz_context *ctx, fz_colorspace *cs, fz_irect rect, fz_separations *seps, int alpha, unsigned char *samples);
fz_pixmap *fz_new_pixmap_with_bbox(fz_context *ctx, fz_colorspace *cs, fz_irect rect, fz_separations *seps, int alpha);
unsigned char *fz_pixmap_samples(fz_context *ctx, const fz_pixmap *pix);
int fz_pixmap_stride(fz_context *ctx, const fz_pixmap *pix);
void fz_clear_pixmap_with_value(fz_context *ctx, fz_pixmap *pix, int value);
void fz_drop_pixmap(fz_context *ctx, fz_pixmap *pix);
fz_device *fz_new_draw_device(fz_context *ctx, fz_matrix transform, fz_pixmap *dest);
void fz_close_device(fz_context *ctx, fz_device *dev);
void fz_drop_device(fz_context *ctx, fz_device *dev);

pdf_document *pdf_open_document_with_stream(fz_context *ctx, fz_stream *file);
void pdf_drop_document(fz_context *ctx, pdf_document *doc);
int pdf_needs_password(fz_context *ctx, pdf_document *doc);
int pdf_was_repaired(fz_context *ctx, pdf_document *doc);
int pdf_count_pages(fz_context *ctx, pdf_document *doc);
pdf_obj *pdf_trailer(fz_context *ctx, pdf_document *doc);
pdf_obj *pdf_dict_getp(fz_context *ctx, pdf_obj *dict, const char *path);
int pdf_array_len(fz_context *ctx, pdf_obj *array);
const char *pdf_to_name(fz_context *ctx, pdf_obj *obj);
pdf_obj *pdf_lookup_page_obj(fz_context *ctx, pdf_document *doc, int index);
void pdf_page_obj_transform(fz_context *ctx, pdf_obj *page, fz_rect *box, fz_matrix *ctm);
pdf_page *pdf_load_page(fz_context *ctx, pdf_document *doc, int index);
pdf_annot *pdf_first_annot(fz_context *ctx, pdf_page *page);
pdf_annot *pdf_next_annot(fz_context *ctx, pdf_annot *annot);
pdf_annot *pdf_first_widget(fz_context *ctx, pdf_page *page);
pdf_annot *pdf_next_widget(fz_context *ctx, pdf_annot *widget);
int pdf_annot_flags(fz_context *ctx, pdf_annot *annot);
void pdf_annot_push_local_xref(fz_context *ctx, pdf_annot *annot);
void pdf_annot_pop_local_xref(fz_context *ctx, pdf_annot *annot);
pdf_obj *pdf_annot_ap(fz_context *ctx, pdf_annot *annot);

#endif
