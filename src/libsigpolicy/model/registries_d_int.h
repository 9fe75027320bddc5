/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_REGISTRIES_D_INT_H
#define SP_MODEL_REGISTRIES_D_INT_H

#include "model/registries_d.h"

/* A location; empty is as good as absent. */
struct setting
{
  char *text;
  size_t len;
  unsigned line;
};

/* The settings of a scope, or of default-docker. */
struct section
{
  struct sp_view name; /* the scope; may hold any bytes */
  char *name_memory;   /* where that is */
  const char *file;    /* of the configuration */
  unsigned line;
  struct setting lookaside, lookaside_staging;
  struct setting sigstore, sigstore_staging; /* the older names, which come second */
  bool has_attachments, attachments;
  unsigned attachments_line;
  /* What nobody else reads: */
  bool has_bundles, has_referrers, referrers;
  enum sp_bundle_mode bundles;
  unsigned bundles_line, referrers_line;
};

/* One file, or the union of several. Start from {0}. */
struct sections
{
  struct section *fallback; /* default-docker, or NULL */
  struct section **items;   /* the scopes, in the order of their files */
  size_t n_items, capacity;
  void *index; /* the same: tree of search.h, by name */
};

/* The section of a scope, or NULL. */
struct section *sp_sections_find (const struct sections *sections, struct sp_view name);

/* Adds the section of a scope that is not yet there, and takes it over unless that fails. */
int sp_sections_add (struct sections *sections, struct section *section,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

void sp_section_free (struct section *section);
void sp_sections_clear (struct sections *sections);

SP_DEFINE_CLEANUP (struct section *, sp_section_free);
#define cleanup_section  SP_CLEANUP (sp_section_free_p)
#define cleanup_sections SP_CLEANUP (sp_sections_clear)

/* Where the section of a scope stands, if there is one. */
bool sp_registries_d_section (const struct sp_registries_d *configuration, struct sp_view scope,
                              struct sp_registries_d_answer *ret);

/* Decode the content of one file. */
int sp_sections_parse (struct sp_view text, struct sections *ret,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
