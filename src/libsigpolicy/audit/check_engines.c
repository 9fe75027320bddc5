/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/limits.h"

/* What enforces what here: the engines of the host, what each of them reads, and what they make of
 * the policy. Files alone tell; no program of the host is run. */

/* --- what each reads -------------------------------------------------------------------------- */

static void
add_words (struct sp_buf *out, const char *label, const struct sp_strv *paths)
{
  sp_buf_printf (out, "; %s ", label);
  for (size_t i = 0; i < paths->len; i++)
    sp_buf_printf (out, "%s%s", i ? ", " : "", paths->items[i]);
  if (!paths->len)
    sp_buf_str (out, "none");
}

/* One finding for each engine: it is to be known. */
static void
check_reads (struct sp_audit *audit, const struct sp_strv *hooks)
{
  for (size_t i = 0; i < audit->engines.len && audit->rc == 0; i++)
    {
      const struct sp_engine *engine = &audit->engines.items[i];
      const struct sp_reader reader = sp_audit_reader (audit, engine->generation);
      cleanup_buf struct sp_buf words = SP_BUF (64 * SP_PATH_BYTES_MAX);
      cleanup_reader_choice struct sp_reader_choice policy = { 0 }, storage = { 0 };
      cleanup_error sigpolicy_error *fault = NULL;
      cleanup_strv struct sp_strv files = { 0 };

      int rc = sp_reader_choose (&reader, SP_CONFIG_POLICY, NULL, &policy, &fault);
      if (rc == 0)
        rc = sp_reader_choose (&reader, SP_CONFIG_REGISTRIES_D, NULL, &storage, &fault);
      if (rc == 0)
        rc = sp_reader_list (&reader, SP_CONFIG_REGISTRIES_D, &storage.directories,
                             SP_REGISTRIES_D_FILES_MAX, &files, &fault);
      sp_audit_note (audit, rc);
      if (rc < 0)
        continue; /* what an engine cannot read has rules of its own */
      sp_buf_printf (&words, "%s %s reads the policy %s", engine->name, engine->version,
                     policy.file ? policy.file : "of no file");
      add_words (&words, "of registries.d:", &files);
      if (strcmp (engine->name, "podman") == 0)
        add_words (&words, "before it creates a container it calls:", hooks);
      const struct sp_where where = { .file = policy.file };
      if (sp_buf_check (&words, audit->err) == 0)
        sp_audit_find (audit, SP_RULE_ENGINE_READS, &where, "%s",
                       sp_audit_show (audit, sp_buf_view (&words)));
    }
}

/* --- what they cannot do ---------------------------------------------------------------------- */

/* As Debian 12 built them: they know the requirement, and look for no such signature. */
static bool
is_without_sigstore (const struct sp_engine *engine)
{
  static const struct
  {
    const char *name, *version;
  } builds[] = { { "podman", "4.3." }, { "skopeo", "1.9." }, { "buildah", "1.28." } };

  for (size_t i = 0; engine->is_packaged && i < sizeof builds / sizeof *builds; i++)
    if (strcmp (engine->name, builds[i].name) == 0
        && strncmp (engine->version, builds[i].version, strlen (builds[i].version)) == 0)
      return true;
  return false;
}

static void
check_sigstore (struct sp_audit *audit)
{
  const struct sp_item *asking = NULL;

  for (size_t i = 0; i < audit->n_items && !asking; i++)
    if ((audit->items[i].transport || !audit->is_default_ours) && audit->items[i].example
        && sp_has_type (&audit->items[i].scope->requirements, SP_REQUIREMENT_SIGSTORE_SIGNED))
      asking = &audit->items[i];
  for (size_t i = 0; asking && i < audit->engines.len; i++)
    {
      const struct sp_engine *engine = &audit->engines.items[i];
      const struct sp_where where = { .item = asking };
      if (is_without_sigstore (engine))
        sp_audit_find (audit, SP_RULE_ENGINE_REFUSES_SIGSTORE, &where,
                       "%s %s of Debian 12 is built without sigstore signatures, and rejects %s "
                       "whatever it is signed with",
                       engine->name, engine->version, SP_SHOW (audit, asking->example));
    }
}

/* --- Docker Content Trust ----------------------------------------------------------------------
 */

static void
report_content_trust (struct sp_audit *audit, const char *file, unsigned line, const char *what)
{
  static const char *const packages[] = { "docker-ce-cli", "docker-cli", "docker.io", NULL };
  char version[32];

  if (audit->rc == 0)
    audit->rc = sp_engines_version (audit->root, packages, version, audit->err);
  if (audit->rc < 0)
    return;
  bool is_old = version[0] && strtoul (version, NULL, 10) < 29;
  const struct sp_where where = { .file = file, .line = line };
  sp_audit_find (audit, SP_RULE_ENGINE_CONTENT_TRUST, &where, "%s: docker %s %s", what,
                 is_old ? version : "29 and later",
                 is_old ? "is the last version that uses it, and its server is switched off"
                        : "silently ignores it");
}

/* NAME=VALUE lines, as pam_env reads them: "export" in front, and quotes, may be there. */
static void
check_environment_file (struct sp_audit *audit)
{
  static const char path[] = "/etc/environment";
  static const struct sp_view name = SP_VIEW ("DOCKER_CONTENT_TRUST=");
  cleanup_buf struct sp_buf text = SP_BUF (SP_AUDIT_FILE_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  unsigned number = 0;

  if (sp_audit_read (audit, path, &text, &fault) < 0)
    return;
  for (struct sp_view left = sp_buf_view (&text); left.len;)
    {
      struct sp_view line = sp_view_head (left, sp_view_find (left, '\n'));
      left = sp_view_from (left, line.len < left.len ? line.len + 1 : line.len);
      number++;
      if (sp_view_starts (line, sp_view_str ("export ")))
        line = sp_view_from (line, 7);
      if (!sp_view_starts (line, name))
        continue;
      line = sp_view_from (line, name.len);
      if (line.len && memchr ("\"'", line.data[0], 2))
        line = sp_view_from (line, 1);
      if (line.len && line.data[0] == '1')
        report_content_trust (audit, path, number, "DOCKER_CONTENT_TRUST=1");
    }
}

static void
check_content_trust (struct sp_audit *audit)
{
  const char *value = audit->options->root ? NULL : secure_getenv ("DOCKER_CONTENT_TRUST");
  cleanup_free char *store
      = sp_audit_compose (audit, "%s/.docker/trust/tuf", audit->home ? audit->home : "/root");

  if (value && strcmp (value, "1") == 0)
    report_content_trust (audit, NULL, 0, "DOCKER_CONTENT_TRUST=1 in the environment");
  check_environment_file (audit);
  if (store && sp_audit_exists (audit, store))
    report_content_trust (audit, store, 0, "Docker Content Trust was used here");
}

/* --- engines that decide for themselves ------------------------------------------------------- */

static void
check_docker (struct sp_audit *audit)
{
  static const char *const programs[]
      = { "/usr/bin/dockerd", "/usr/sbin/dockerd", "/usr/bin/containerd" };
  for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
    if (sp_audit_exists (audit, programs[i]))
      {
        const struct sp_where where = { .file = programs[i] };
        sp_audit_find (audit, SP_RULE_ENGINE_DOCKER, &where,
                       "this policy does not apply to images that %s pulls", programs[i]);
        return;
      }
}

static void
check_crio (struct sp_audit *audit)
{
  cleanup_strv struct sp_strv files = { 0 };

  (void)sp_audit_list (audit, "/etc/crio/crio.conf.d", &files);
  for (size_t i = 0; i <= files.len && audit->rc == 0; i++)
    {
      cleanup_buf struct sp_buf text = SP_BUF (SP_TOML_BYTES_MAX);
      cleanup_error sigpolicy_error *fault = NULL;
      cleanup_free char *path
          = i < files.len ? sp_audit_compose (audit, "/etc/crio/crio.conf.d/%s", files.items[i])
                          : sp_audit_compose (audit, "/etc/crio/crio.conf");
      if (!path || sp_audit_read (audit, path, &text, &fault) < 0)
        continue;
      unsigned line = 0;
      for (struct sp_view left = sp_buf_view (&text); left.len; line++)
        {
          struct sp_view one = sp_view_head (left, sp_view_find (left, '\n'));
          left = sp_view_from (left, one.len + 1);
          while (one.len && (one.data[0] == ' ' || one.data[0] == '\t'))
            one = sp_view_from (one, 1);
          size_t equals = sp_view_find (one, '=');
          bool is_set
              = equals != SP_VIEW_NONE && memmem (one.data + equals, one.len - equals, "\"/", 2);
          if (!is_set || !sp_view_starts (one, sp_view_n ("signature_policy", 16)))
            continue;
          const struct sp_where where = { .file = path, .line = line + 1, .column = 1 };
          sp_audit_find (audit, SP_RULE_ENGINE_CRIO_OWN_POLICY, &where,
                         "CRI-O is configured with %s",
                         sp_audit_show (audit, sp_view_head (one, 200)));
        }
    }
}

static void
check_podman (struct sp_audit *audit)
{
  cleanup_free char *machine
      = audit->home
            ? sp_audit_compose (audit, "%s/.local/share/containers/podman/machine", audit->home)
            : sp_audit_compose (audit, "/root/.local/share/containers/podman/machine");
  bool asks = false;

  if (machine && sp_audit_exists (audit, machine))
    {
      const struct sp_where where = { .file = machine };
      sp_audit_find (audit, SP_RULE_ENGINE_MACHINE_VM, &where,
                     "containers of this user run in a virtual machine that has its own policy");
    }
  for (size_t i = 0; i < audit->n_items && !asks; i++)
    for (size_t j = 0; j < audit->items[i].scope->requirements.len; j++)
      asks = asks
             || sp_requirement_type_is_signed (audit->items[i].scope->requirements.items[j].type);
  if (asks && sp_audit_exists (audit, "/var/lib/containers/storage/overlay-images/images.json"))
    {
      const struct sp_where where
          = { .file = "/var/lib/containers/storage/overlay-images/images.json" };
      sp_audit_find (audit, SP_RULE_ENGINE_PULL_ONLY, &where,
                     "stored images were verified when they were pulled, or not at all");
    }
  static const char *const programs[] = { "/usr/bin/podman", "/usr/bin/buildah" };
  for (size_t i = 0; i < 2; i++)
    if (asks && sp_audit_exists (audit, programs[i]))
      {
        const struct sp_where where = { .file = programs[i] };
        sp_audit_find (audit, SP_RULE_ENGINE_PUSH_OVERRIDE, &where,
                       "images that %s pushes are not verified", programs[i]);
        break;
      }
}

void
sp_check_engines (struct sp_audit *audit)
{
  cleanup_strv struct sp_strv hooks = { 0 };

  /* What a named policy is for is not known; the host's is for this host. */
  if (!audit->reads_files || !audit->policy_is_hosts)
    return;
  sp_check_hooks (audit, &hooks);
  check_reads (audit, &hooks);
  check_sigstore (audit);
  check_docker (audit);
  sp_check_containerd (audit);
  check_content_trust (audit);
  check_crio (audit);
  check_podman (audit);
}
