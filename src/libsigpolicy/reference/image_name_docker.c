/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/image_name_int.h"

#include "reference/digest.h"
#include "util/codec.h"

/* The transports whose images go by docker references: docker, atomic, docker-daemon. */

static const struct sp_view unknown_digest = SP_VIEW ("@@unknown-digest@@");

/* The host of the last namespace without its port, then with more and more labels in place of "*".
 */
int
sp_image_name_add_wildcards (struct sp_view host, struct sp_strv *list, sigpolicy_error **err)
{
  size_t dot;
  host = sp_view_head (host, sp_view_find (host, ':'));
  while ((dot = sp_view_find (host, '.')) != SP_VIEW_NONE)
    {
      host = sp_view_from (host, dot + 1);
      int rc = sp_strv_take (list, sp_asprintf (err, "*.%.*s", (int)host.len, host.data), err);
      if (rc < 0)
        return rc;
    }
  return 0;
}

/* A name and its parents, nearest first, then the wildcards of its first component. */
int
sp_image_name_add_namespaces (struct sp_view name, struct sp_strv *list, sigpolicy_error **err)
{
  for (;;)
    {
      int rc = sp_strv_add (list, name, err);
      if (rc < 0)
        return rc;
      size_t slash = sp_view_find_last (name, '/');
      if (slash == SP_VIEW_NONE)
        return sp_image_name_add_wildcards (name, list, err);
      name = sp_view_head (name, slash);
    }
}

int
sp_image_name_scopes (const struct sp_reference *reference, struct sp_strv *ret,
                      sigpolicy_error **err)
{
  int rc = sp_strv_add (ret, sp_view_str (reference->string), err);
  return rc < 0 ? rc : sp_image_name_add_namespaces (sp_view_str (reference->name), ret, err);
}

/* Identity and namespaces of a name's docker reference. */
static int
add_scopes (struct sp_image_name *name, sigpolicy_error **err)
{
  name->identity = sp_strdup (name->reference->string, err);
  return name->identity ? sp_image_name_add_namespaces (sp_view_str (name->reference->name),
                                                        &name->namespaces, err)
                        : SIGPOLICY_E_NO_MEMORY;
}

/* docker://familiar, with the identity and namespaces of the reference that is set. */
static int
finish_docker (struct sp_image_name *name, sigpolicy_error **err)
{
  cleanup_free char *familiar = sp_reference_familiar (name->reference, err);
  cleanup_free char *details = familiar ? sp_asprintf (err, "//%s", familiar) : NULL;
  if (!details)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_image_name_spell (name, details, err);
  return rc < 0 ? rc : add_scopes (name, err);
}

/* docker://name@@unknown-digest@@: an image of which only the repository is known. Its identity is
 * the name itself. */
static int
finish_unknown_digest (struct sp_image_name *name, const char *given, sigpolicy_error **err)
{
  const struct sp_reference *reference = name->reference;
  cleanup_free char *familiar = sp_reference_familiar (reference, err);
  struct sp_view parent = sp_view_str (reference->name);

  if (!familiar)
    return SIGPOLICY_E_NO_MEMORY;
  if (!sp_reference_is_name_only (reference))
    return SP_NAME_ERROR (err,
                          "docker: image reference \"%s\" has unknown digest set but it contains "
                          "either a tag or digest",
                          given);
  cleanup_free char *details = sp_asprintf (err, "//%s%s", familiar, unknown_digest.data);
  name->identity = sp_strdup (reference->name, err);
  if (!details || !name->identity)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_image_name_spell (name, details, err);
  size_t slash = sp_view_find_last (parent, '/');
  if (rc == 0 && slash != SP_VIEW_NONE)
    rc = sp_image_name_add_namespaces (sp_view_head (parent, slash), &name->namespaces, err);
  return rc;
}

int
sp_image_name_parse_docker (const char *text, struct sp_image_name *name, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *bare = NULL;
  struct sp_view rest = sp_view_str (text);

  if (!sp_view_starts (rest, sp_view_str ("//")))
    return SP_NAME_ERROR (err, "docker: image reference %s does not start with //", text);
  rest = sp_view_from (rest, 2);
  bool unknown
      = rest.len >= unknown_digest.len
        && sp_view_equal (sp_view_from (rest, rest.len - unknown_digest.len), unknown_digest);
  if (unknown)
    rest.len -= unknown_digest.len;
  int rc = sp_reference_parse (rest, &bare, err);
  if (rc < 0)
    return rc;
  if (unknown)
    {
      name->reference = steal (&bare);
      return finish_unknown_digest (name, text, err);
    }
  if (bare->tag && bare->digest)
    return SP_NAME_ERROR (
        err, "Docker references with both a tag and digest are currently not supported");
  rc = sp_reference_with_default_tag (bare, &name->reference, err);
  return rc < 0 ? rc : finish_docker (name, err);
}

int
sp_image_name_from_reference (const struct sp_reference *reference, struct sp_image_name **ret,
                              sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *name = sp_calloc (1, sizeof *name, err);

  if (!name)
    return SIGPOLICY_E_NO_MEMORY;
  name->transport = SP_TRANSPORT_DOCKER;
  int rc = sp_reference_with_default_tag (reference, &name->reference, err);
  if (rc == 0)
    rc = finish_docker (name, err);
  if (rc < 0)
    return rc;
  *ret = steal (&name);
  return 0;
}

int
sp_image_name_parse_atomic (const char *text, struct sp_image_name *name, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *reference = NULL;

  int rc = sp_reference_parse (sp_view_str (text), &reference, err);
  if (rc < 0)
    {
      cleanup_error sigpolicy_error *no_memory = NULL;
      cleanup_free char *quoted = sp_quote_dup (sp_view_str (text), &no_memory);
      return quoted ? sp_error_prefix (err, "failed to parse image reference %s", quoted)
                    : sp_error_no_memory (err);
    }
  cleanup_free char *familiar = sp_reference_familiar (reference, err);
  if (!familiar)
    return SIGPOLICY_E_NO_MEMORY;
  /* A digest beside the tag has no identity to go by; it is refused. */
  struct sp_view path = sp_view_str (reference->path);
  size_t slash = sp_view_find (path, '/');
  bool two
      = slash != SP_VIEW_NONE && sp_view_find (sp_view_from (path, slash + 1), '/') == SP_VIEW_NONE;
  if (!reference->tag || reference->digest || !two)
    return SP_NAME_ERROR (err,
                          "invalid image reference%s %s, expected format: "
                          "'hostname/namespace/stream:tag'",
                          reference->tag ? ":" : "", familiar);
  name->reference = steal (&reference);
  rc = sp_image_name_spell (name, familiar, err);
  return rc < 0 ? rc : add_scopes (name, err);
}

int
sp_image_name_parse_daemon (const char *text, struct sp_image_name *name, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *reference = NULL;
  cleanup_error sigpolicy_error *no_digest = NULL;
  struct sp_view whole = sp_view_str (text);

  if (sp_digest_check (whole, &no_digest) == 0)
    {
      if (!sp_view_starts (whole, sp_view_str ("sha256:")))
        return SP_NAME_ERROR (err,
                              "docker-daemon: can not use digest %s as an image ID, only digest "
                              "algorithm sha256 accepted",
                              text);
      return sp_image_name_spell (name, text, err);
    }
  int rc = sp_reference_parse (whole, &reference, err);
  if (rc < 0)
    return rc;
  cleanup_free char *familiar = sp_reference_familiar (reference, err);
  if (!familiar)
    return SIGPOLICY_E_NO_MEMORY;
  if (sp_view_is (sp_view_str (reference->name), "docker.io/library/sha256"))
    return SP_NAME_ERROR (err,
                          "Invalid docker-daemon: reference %s: The sha256 repository name is "
                          "reserved for (non-shortened) digest references",
                          text);
  if (sp_reference_is_name_only (reference))
    return SP_NAME_ERROR (err, "docker-daemon: reference %s has neither a tag nor a digest",
                          familiar);
  if (reference->tag && reference->digest)
    return SP_NAME_ERROR (err,
                          "docker-daemon: references with both a tag and digest are currently not "
                          "supported");
  name->reference = steal (&reference);
  rc = sp_image_name_spell (name, familiar, err);
  return rc < 0 ? rc : add_scopes (name, err);
}
