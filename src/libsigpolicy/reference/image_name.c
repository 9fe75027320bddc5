/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/image_name_int.h"

#include "util/codec.h"
#include "util/limits.h"

static int
parse_ostree (const char *text, struct sp_image_name *name, sigpolicy_error **err)
{
  (void)text;
  (void)name;
  (void)SP_NAME_ERROR (err, "The transport \"ostree:\" is not supported in this build");
  return sp_error_hint (
      err,
      "copy the image with a tool that reads ostree, and verify the copy as oci:PATH or dir:PATH");
}

static const struct
{
  const char *name;
  int (*parse) (const char *text, struct sp_image_name *name, sigpolicy_error **err);
} transports[SP_TRANSPORTS] = {
  [SP_TRANSPORT_ATOMIC] = { "atomic", sp_image_name_parse_atomic },
  [SP_TRANSPORT_CONTAINERS_STORAGE] = { "containers-storage", sp_image_name_parse_storage },
  [SP_TRANSPORT_DIR] = { "dir", sp_image_name_parse_path },
  [SP_TRANSPORT_DOCKER] = { "docker", sp_image_name_parse_docker },
  [SP_TRANSPORT_DOCKER_ARCHIVE] = { "docker-archive", sp_image_name_parse_archive },
  [SP_TRANSPORT_DOCKER_DAEMON] = { "docker-daemon", sp_image_name_parse_daemon },
  [SP_TRANSPORT_OCI] = { "oci", sp_image_name_parse_oci },
  [SP_TRANSPORT_OCI_ARCHIVE] = { "oci-archive", sp_image_name_parse_oci },
  [SP_TRANSPORT_OSTREE] = { "ostree", parse_ostree },
  [SP_TRANSPORT_SIF] = { "sif", sp_image_name_parse_path },
  [SP_TRANSPORT_TARBALL] = { "tarball", sp_image_name_parse_tarball },
};

const char *
sp_transport_name (enum sp_transport transport)
{
  return transports[transport].name;
}

bool
sp_transport_find (struct sp_view name, enum sp_transport *ret)
{
  for (size_t i = 0; i < SP_TRANSPORTS; i++)
    if (sp_view_is (name, transports[i].name))
      {
        *ret = (enum sp_transport)i;
        return true;
      }
  return false;
}

int
sp_image_name_spell (struct sp_image_name *name, const char *details, sigpolicy_error **err)
{
  name->text = sp_asprintf (err, "%s:%s", sp_transport_name (name->transport), details);
  return name->text ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* No colon, or none of the transports in front of it. */
static int
refuse_transport (struct sp_view text, size_t colon, sigpolicy_error **err)
{
  cleanup_free char *whole = sp_quote_dup (text, err);
  cleanup_free char *transport = whole ? sp_quote_dup (sp_view_head (text, colon), err) : NULL;

  if (!transport)
    return SIGPOLICY_E_NO_MEMORY;
  return colon == SP_VIEW_NONE
             ? SP_NAME_ERROR (
                 err, "Invalid image name %s, expected colon-separated transport:reference", whole)
             : SP_NAME_ERROR (err, "Invalid image name %s, unknown transport %s", whole, transport);
}

int
sp_image_name_parse (struct sp_view text, struct sp_image_name **ret, sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *name = NULL;
  size_t colon = sp_view_find (text, ':');
  enum sp_transport transport = SP_TRANSPORT_DOCKER;

  if (text.len > SP_REFERENCE_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_LIMIT,
                         "an image name has at most %lu bytes", SP_REFERENCE_BYTES_MAX);
  if (sp_view_find (text, '\0') != SP_VIEW_NONE)
    return SP_NAME_ERROR (err, "invalid reference format");
  if (colon == SP_VIEW_NONE || !sp_transport_find (sp_view_head (text, colon), &transport))
    return refuse_transport (text, colon, err);

  cleanup_free char *details = sp_view_dup (sp_view_from (text, colon + 1), err);
  name = details ? sp_calloc (1, sizeof *name, err) : NULL;
  if (!name)
    return SIGPOLICY_E_NO_MEMORY;
  name->transport = transport;
  int rc = transports[transport].parse (details, name, err);
  if (rc == 0 && !name->identity && !(name->identity = sp_strdup ("", err)))
    rc = SIGPOLICY_E_NO_MEMORY;
  if (rc < 0)
    return rc;
  *ret = steal (&name);
  return 0;
}

const char *
sp_image_name_scope (const struct sp_image_name *name, size_t index)
{
  return index == 0                          ? name->identity
         : index <= name->namespaces.len     ? name->namespaces.items[index - 1]
         : index == name->namespaces.len + 1 ? ""
                                             : NULL;
}

void
sp_image_name_free (struct sp_image_name *name)
{
  if (!name)
    return;
  free (name->text);
  free (name->identity);
  sp_strv_clear (&name->namespaces);
  sp_reference_free (name->reference);
  free (name->path);
  free (name->selector);
  free (name);
}
