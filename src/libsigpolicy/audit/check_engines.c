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
static int
check_reads (struct sp_audit *audit, const struct sp_strv *hooks, sigpolicy_error **err)
{
  for (size_t i = 0; i < audit->engines.len; i++)
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
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      if (rc < 0)
        continue; /* what an engine cannot read has rules of its own */
      sp_buf_printf (&words, "%s %s reads the policy %s", engine->name, engine->version,
                     policy.file ? policy.file : "of no file");
      add_words (&words, "of registries.d:", &files);
      if (strcmp (engine->name, "podman") == 0)
        add_words (&words, "before it creates a container it calls:", hooks);
      const struct sp_where where = { .file = policy.file };
      sp_audit_find (audit, SP_RULE_ENGINE_READS, &where, "%s",
                     SP_SHOW (audit, sp_audit_steal (audit, &words)));
    }
  return 0;
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

static int
report_content_trust (struct sp_audit *audit, const char *file, unsigned line, const char *what,
                      sigpolicy_error **err)
{
  static const char *const packages[] = { "docker-ce-cli", "docker-cli", "docker.io", NULL };
  char version[32];

  int rc = sp_engines_version (audit->root, packages, version, err);
  if (rc < 0)
    return rc;
  bool is_old = version[0] && strtoul (version, NULL, 10) < 29;
  const struct sp_where where = { .file = file, .line = line };
  sp_audit_find (audit, SP_RULE_ENGINE_CONTENT_TRUST, &where, "%s: docker %s %s", what,
                 is_old ? version : "29 and later",
                 is_old ? "is the last version that uses it, and its server is switched off"
                        : "silently ignores it");
  return 0;
}

/* NAME=VALUE lines, as pam_env reads them: "export" in front, and quotes, may be there. */
static int
check_environment_file (struct sp_audit *audit, sigpolicy_error **err)
{
  static const char path[] = "/etc/environment";
  static const struct sp_view name = SP_VIEW ("DOCKER_CONTENT_TRUST=");
  cleanup_buf struct sp_buf text = SP_BUF (SP_AUDIT_FILE_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  unsigned number = 0;

  int rc = sp_audit_read (audit, path, &text, &fault, err);
  if (rc < 0 || fault)
    return rc;
  for (struct sp_view left = sp_buf_view (&text); rc == 0 && left.len;)
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
        rc = report_content_trust (audit, path, number, "DOCKER_CONTENT_TRUST=1", err);
    }
  return rc;
}

static int
check_content_trust (struct sp_audit *audit, sigpolicy_error **err)
{
  const char *value = audit->options->root ? NULL : secure_getenv ("DOCKER_CONTENT_TRUST");
  cleanup_free char *store
      = sp_asprintf (err, "%s/.docker/trust/tuf", audit->home ? audit->home : "/root");
  bool is_there = false;
  int rc = store ? 0 : SIGPOLICY_E_NO_MEMORY;

  if (rc == 0 && value && strcmp (value, "1") == 0)
    rc = report_content_trust (audit, NULL, 0, "DOCKER_CONTENT_TRUST=1 in the environment", err);
  if (rc == 0)
    rc = check_environment_file (audit, err);
  if (rc == 0)
    rc = sp_audit_exists (audit, store, &is_there, err);
  if (rc == 0 && is_there)
    rc = report_content_trust (audit, store, 0, "Docker Content Trust was used here", err);
  return rc;
}

/* --- engines that decide for themselves ------------------------------------------------------- */

/* The first of the programs that is on the host; NULL: none is. */
static int
first_of (struct sp_audit *audit, const char *const *programs, size_t n, const char **ret,
          sigpolicy_error **err)
{
  *ret = NULL;
  for (size_t i = 0; i < n; i++)
    {
      bool is_there = false;
      int rc = sp_audit_exists (audit, programs[i], &is_there, err);
      if (rc < 0)
        return rc;
      if (is_there)
        {
          *ret = programs[i];
          break;
        }
    }
  return 0;
}

static int
check_docker (struct sp_audit *audit, sigpolicy_error **err)
{
  static const char *const programs[]
      = { "/usr/bin/dockerd", "/usr/sbin/dockerd", "/usr/bin/containerd" };
  const char *found = NULL;

  int rc = first_of (audit, programs, sizeof programs / sizeof *programs, &found, err);
  const struct sp_where where = { .file = found };
  if (found)
    sp_audit_find (audit, SP_RULE_ENGINE_DOCKER, &where,
                   "this policy does not apply to images that %s pulls", found);
  return rc;
}

static int
check_crio (struct sp_audit *audit, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv files = { 0 };

  int rc = sp_audit_list (audit, "/etc/crio/crio.conf.d", &files, err);
  for (size_t i = 0; rc == 0 && i <= files.len; i++)
    {
      cleanup_buf struct sp_buf text = SP_BUF (SP_TOML_BYTES_MAX);
      cleanup_error sigpolicy_error *fault = NULL;
      cleanup_free char *path = i < files.len
                                    ? sp_asprintf (err, "/etc/crio/crio.conf.d/%s", files.items[i])
                                    : sp_strdup ("/etc/crio/crio.conf", err);
      rc = path ? sp_audit_read (audit, path, &text, &fault, err) : SIGPOLICY_E_NO_MEMORY;
      if (rc < 0 || fault)
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
  return rc;
}

static bool
requires_signatures (const struct sp_audit *audit)
{
  for (size_t i = 0; i < audit->n_items; i++)
    for (size_t j = 0; j < audit->items[i].scope->requirements.len; j++)
      if (sp_requirement_type_is_signed (audit->items[i].scope->requirements.items[j].type))
        return true;
  return false;
}

static int
check_podman (struct sp_audit *audit, sigpolicy_error **err)
{
  static const char images[] = "/var/lib/containers/storage/overlay-images/images.json";
  static const char *const programs[] = { "/usr/bin/podman", "/usr/bin/buildah" };
  cleanup_free char *machine = sp_asprintf (err, "%s/.local/share/containers/podman/machine",
                                            audit->home ? audit->home : "/root");
  bool has_machine = false, has_images = false;
  const char *pusher = NULL;

  int rc = machine ? sp_audit_exists (audit, machine, &has_machine, err) : SIGPOLICY_E_NO_MEMORY;
  if (rc == 0 && requires_signatures (audit))
    {
      rc = sp_audit_exists (audit, images, &has_images, err);
      if (rc == 0)
        rc = first_of (audit, programs, sizeof programs / sizeof *programs, &pusher, err);
    }
  const struct sp_where in_machine = { .file = machine }, of_images = { .file = images },
                        of_pusher = { .file = pusher };
  if (has_machine)
    sp_audit_find (audit, SP_RULE_ENGINE_MACHINE_VM, &in_machine,
                   "containers of this user run in a virtual machine that has its own policy");
  if (has_images)
    sp_audit_find (audit, SP_RULE_ENGINE_PULL_ONLY, &of_images,
                   "stored images were verified when they were pulled, or not at all");
  if (pusher)
    sp_audit_find (audit, SP_RULE_ENGINE_PUSH_OVERRIDE, &of_pusher,
                   "images that %s pushes are not verified", pusher);
  return rc;
}

int
sp_check_engines (struct sp_audit *audit, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv hooks = { 0 };

  /* What a named policy is for is not known; the host's is for this host. */
  if (!audit->reads_files || !audit->policy_is_hosts)
    return 0;
  int rc = sp_check_hooks (audit, &hooks, err);
  if (rc == 0)
    rc = check_reads (audit, &hooks, err);
  if (rc == 0)
    check_sigstore (audit);
  if (rc == 0)
    rc = check_docker (audit, err);
  if (rc == 0)
    rc = sp_check_containerd (audit, err);
  if (rc == 0)
    rc = check_content_trust (audit, err);
  if (rc == 0)
    rc = check_crio (audit, err);
  if (rc == 0)
    rc = check_podman (audit, err);
  return rc;
}
