/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EXPLAIN_NAME_INT_H
#define SP_EXPLAIN_NAME_INT_H

#include "ask/explanation.h"
#include "json/write.h"

/* What `explain` says of a name, part by part. */

/* --- requirement.c: what a requirement asks --------------------------------------------------- */

struct sp_requirement_words
{
  char *must;   /* "must be signed by one of 2 GPG keys: ..., as exactly quay.io/ns/app:v1 (...)" */
  char *not_by; /* "a signature for another tag, ..."; NULL where nothing is looked at */
};

int sp_explain_requirement (const struct sp_explanation *explanation,
                            const struct sp_explained_requirement *it,
                            struct sp_requirement_words *ret,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_requirement_words_clear (struct sp_requirement_words *words);

#define cleanup_requirement_words SP_CLEANUP (sp_requirement_words_clear)

/* --- locations.c: where it would be asked for ----------------------------------------------------
 */

void sp_explain_locations_text (struct sp_buf *out, const struct sp_explained_locations *locations,
                                const struct sp_reference *reference, bool looks_for_signatures);
/* Of a layout, where only its blobs are searched; false where nothing is. */
bool sp_explain_blobs_text (struct sp_buf *out, const struct sp_explained_locations *locations);
void sp_explain_locations_json (struct sp_json_out *out,
                                const struct sp_explained_locations *locations);

/* --- reading.c: how configuration was found ----------------------------------------------------
 */

void sp_explain_reading_json (struct sp_json_out *out, const struct sp_reading *reading);
void sp_explain_reading_text (struct sp_buf *out, const struct sp_reading *reading, bool always);

/* --- paragraph.c ------------------------------------------------------------------------------ */

#define SP_PARAGRAPH_INDENT 12

/* Text behind a label, in lines of at most 80 columns where its words allow that; further lines are
 * indented by SP_PARAGRAPH_INDENT and so many more. */
void sp_paragraph (struct sp_buf *out, const char *label, size_t hang, struct sp_view text);

/* The same of what was built, whose failure becomes that of out. */
void sp_paragraph_of (struct sp_buf *out, const char *label, size_t hang,
                      const struct sp_buf *text);

#endif
