/*
 * The few calls the worker makes of MuPDF 1.24.9, as functions that never
 * throw. go-fitz links the libraries but ships no header for PDF objects, so
 * mupdf.c declares what it needs; fz_new_context_imp refuses another version.
 */
#ifndef PRINTROOM_MUPDF_H
#define PRINTROOM_MUPDF_H

#include <stddef.h>

enum { PR_OK, PR_CORRUPT, PR_ENCRYPTED, PR_MEMORY, PR_PIXELS };
enum { PR_JAVASCRIPT = 1, PR_ATTACHMENTS = 2, PR_XFA = 4, PR_REPAIRED = 8 };

/* One document; the process holds one at most. */
typedef struct pr_document pr_document;

/* A drawn page. width and height are set even when there were too many. */
typedef struct {
	int width, height;
	int annotations, widgets, faults;
} pr_page;

/* data stays the caller's and must outlive the document. */
int pr_open(const unsigned char *data, size_t length, pr_document **out);
/* The page count as the document claims it, and PR_ flags. */
int pr_describe(pr_document *doc, int *pages, unsigned *flags);
/* A page's size in points, rotation applied. */
int pr_size(pr_document *doc, int index, float *width, float *height);
/*
 * Draws contents, annotations and form fields on white into pixels, which
 * hold capacity bytes: grey (channels 1) or RGB (3), rows packed.
 */
int pr_draw(pr_document *doc, int index, int dpi, int channels, unsigned char *pixels, size_t capacity, pr_page *out);

/* Lets a fault or the CPU limit end the process by its own signal. */
void pr_default_signals(void);

#endif
