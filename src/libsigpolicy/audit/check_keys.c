/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "crypto/pem.h"
#include "crypto/public_key.h"
#include "util/limits.h"

/* Key files: whether they can be used, who may change them, and how long they last. Each file is
 * spoken of once, at the first requirement that names it. */

static const char *
name_of (struct sp_audit *audit, const struct sp_audit_key *key)
{
  return key->source->path ? sp_audit_show (
             audit, sp_view_head (sp_view_n (key->source->path, key->source->path_len), 512))
                           : "the key data";
}

static struct sp_where
at (const struct sp_audit_key *key)
{
  struct sp_where where = { .item = key->item, .node = key->node };
  return where;
}

/* The same, for what keeps every image of the requirement out. */
static struct sp_where
rejecting (const struct sp_audit_key *key)
{
  struct sp_where where = at (key);
  where.effect = key->item->example ? SP_EFFECT_REJECTS : SP_EFFECT_NONE;
  return where;
}

static const char *
others (const struct sp_audit_key *key, char room[48])
{
  room[0] = '\0';
  if (key->n_items > 1)
    (void)snprintf (room, 48, ", and %zu more requirement%s", key->n_items - 1,
                    key->n_items == 2 ? "" : "s");
  return room;
}

bool
sp_is_packaged_key (const struct sp_key_source *source)
{
  static const char *const directories[] = { "/etc/pki/sigstore/", "/etc/pki/rpm-gpg/", "/usr/" };
  struct sp_view path = sp_view_n (source->path, source->path ? source->path_len : 0);
  for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
    if (sp_view_starts (path, sp_view_str (directories[i])))
      return true;
  return false;
}

/* --- the file
 * ------------------------------------------------------------------------------------- */

static bool
starts (const struct sp_audit_key *key, const char *directory)
{
  return sp_view_starts (sp_view_n (key->source->path, key->source->path_len),
                         sp_view_str (directory));
}

static int
check_location (struct sp_audit *audit, const struct sp_audit_key *key, sigpolicy_error **err)
{
  static const char *const shared[] = { "/tmp/", "/var/tmp/", "/dev/shm/", "/home/", "/run/user/" };
  struct sp_where where = at (key);
  cleanup_free char *culprit = NULL;
  const char *who = NULL;

  int rc = sp_writable_by (audit, key->source->path, &who, &culprit, err);
  if (rc < 0)
    return rc;
  if (who)
    {
      const struct sp_fix change = sp_fix_writable (who, culprit);
      where.change = &change;
      sp_audit_find (audit, SP_RULE_KEY_WRITABLE, &where, "%s may write %s", who,
                     SP_SHOW (audit, culprit));
      return 0;
    }
  for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
    if (starts (key, shared[i]) && !audit->policy_is_users)
      {
        where.fix = "move it below /etc, and give it to root";
        sp_audit_find (audit, SP_RULE_KEY_WRITABLE, &where,
                       "%s is below %s, where users other than root keep files",
                       name_of (audit, key), shared[i]);
        break;
      }
  return 0;
}

static int
check_link (struct sp_audit *audit, const struct sp_audit_key *key, sigpolicy_error **err)
{
  struct sp_view path = sp_view_n (key->source->path, key->source->path_len);
  struct sp_view real = sp_view_str (key->real ? key->real : "");
  struct sp_view directory = sp_view_head (path, sp_view_find_last (path, '/'));
  cleanup_free char *written = NULL, *real_directory = NULL;

  if (path.len == 0 || path.data[0] != '/' || sp_view_equal (path, real))
    return 0;
  written = sp_asprintf (err, "%.*s/", (int)directory.len, directory.data);
  real_directory = written ? sp_root_resolve (audit->root, written, err) : NULL;
  if (!real_directory)
    return sigpolicy_error_code (*err);
  size_t len = strlen (real_directory);
  if (strncmp (real.data, real_directory, len) == 0 && real.data[len] == '/')
    return 0;
  const struct sp_where where = at (key);
  sp_audit_find (audit, SP_RULE_KEY_SYMLINK_ESCAPE, &where, "%s is a link to %s",
                 name_of (audit, key), SP_SHOW (audit, key->real));
  return 0;
}

/* --- its kind
 * --------------------------------------------------------------------------------------- */

/* What stands in a PEM file first: "PUBLIC KEY", "CERTIFICATE"; empty where it is none. */
static int
first_label (struct sp_view text, char ret[64], sigpolicy_error **err)
{
  cleanup_pem_block struct sp_pem_block block = { .bytes = SP_BUF (SP_KEY_BYTES_MAX) };
  bool found = false;

  ret[0] = '\0';
  int rc = sp_pem_next (&text, &block, &found, err);
  if (rc == 0 && found && block.label.len < 64)
    (void)snprintf (ret, 64, "%.*s", (int)block.label.len, block.label.data);
  return rc;
}

static bool
is_private (const char *label)
{
  return strstr (label, "PRIVATE KEY") != NULL;
}

static bool
looks_like_path (struct sp_view bytes)
{
  return bytes.len > 1 && bytes.len < 4096 && bytes.data[0] == '/'
         && !memchr (bytes.data, '\n', bytes.len - 1);
}

static void
check_gpg_kind (struct sp_audit *audit, const struct sp_audit_key *key, const char *label)
{
  struct sp_where where = key->is_alone ? rejecting (key) : at (key);
  const struct sp_key_facts_list *facts = &key->facts;

  if (facts->has_secret || is_private (label))
    {
      where = rejecting (key);
      where.fix = "export only the public part with 'gpg --export KEY >FILE'; then make a new key, "
                  "because this one was not kept secret";
      sp_audit_find (audit, SP_RULE_KEY_PRIVATE, &where, "%s has a private key",
                     name_of (audit, key));
    }
  else if (facts->kind == SP_KEY_FILE_KEYBOX)
    {
      where = rejecting (key);
      where.fix = "gpg --export KEY >FILE";
      sp_audit_find (audit, SP_RULE_KEY_WRONG_KIND, &where,
                     "%s is a GnuPG keybox, which cannot be imported", name_of (audit, key));
    }
  else if (label[0] && !facts->len)
    {
      where.fix = "signedBy needs OpenPGP keys; for keys in PEM, use sigstoreSigned";
      sp_audit_find (audit, SP_RULE_KEY_WRONG_KIND, &where,
                     "%s is in PEM format (%s), not an OpenPGP key", name_of (audit, key),
                     SP_SHOW (audit, label));
    }
  else if (!facts->len)
    {
      where.is_lower = !key->is_alone;
      where.fix = "gpg --export KEY >FILE";
      sp_audit_find (audit,
                     looks_like_path (key->bytes) && !key->source->path ? SP_RULE_KEY_DATA_BROKEN
                                                                        : SP_RULE_KEY_EMPTY,
                     &where, "%s has no OpenPGP key", name_of (audit, key));
    }
}

static int
check_pem_kind (struct sp_audit *audit, const struct sp_audit_key *key, const char *label,
                sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  cleanup_public_key struct sp_public_key *parsed = NULL;
  struct sp_where where = rejecting (key);

  if (is_private (label))
    {
      where.fix = "write only the public part with 'openssl pkey -in FILE -pubout'; then make a "
                  "new key, because this one was not kept secret";
      sp_audit_find (audit, SP_RULE_KEY_PRIVATE, &where, "%s has a private key",
                     name_of (audit, key));
      return 0;
    }
  int rc = sp_public_key_from_pem (key->bytes, &parsed, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc < 0)
    {
      bool pgp = memmem (key->bytes.data, key->bytes.len, "PGP PUBLIC KEY", 14)
                 || (key->bytes.len && (key->bytes.data[0] & 0x80));
      bool nothing = !label[0] && !pgp;
      where.fix = pgp ? "for OpenPGP keys, use signedBy"
                  : strcmp (label, "CERTIFICATE") == 0
                      ? "write the public key in it with 'openssl x509 -in FILE -noout -pubkey'"
                      : "write the public key with 'cosign public-key' or 'openssl pkey -pubout'";
      enum sp_audit_rule_id rule = looks_like_path (key->bytes) && !key->source->path
                                       ? SP_RULE_KEY_DATA_BROKEN
                                   : nothing ? SP_RULE_KEY_EMPTY
                                             : SP_RULE_KEY_WRONG_KIND;
      sp_audit_find (audit, rule, &where, "%s is not a public key in PEM format: %s",
                     name_of (audit, key), SP_SHOW (audit, sigpolicy_error_message (fault)));
      return 0;
    }
  where = at (key);
  if (key->use == SP_KEY_USE_REKOR && sp_public_key_kind (parsed) != SP_KEY_ECDSA)
    {
      where = rejecting (key);
      sp_audit_find (audit, SP_RULE_REKOR_KEY_NOT_ECDSA, &where,
                     "%s is not an ECDSA key, so %s is rejected", name_of (audit, key),
                     sp_audit_example (audit, key->item));
    }
  else if (sp_public_key_is_weak (parsed))
    sp_audit_find (audit, SP_RULE_KEY_WEAK, &where, "%s is %s", name_of (audit, key),
                   sp_public_key_kind (parsed) == SP_KEY_RSA ? "an RSA key of less than 2048 bits"
                                                             : "on the curve P-224");
  else if (sp_public_key_refusal (parsed) || sp_public_key_kind (parsed) == SP_KEY_DSA
           || sp_public_key_kind (parsed) == SP_KEY_X25519)
    {
      where = rejecting (key);
      sp_audit_find (audit, SP_RULE_KEY_WRONG_KIND, &where, "%s cannot verify signatures",
                     name_of (audit, key));
    }
  return 0;
}

static int
check_file (struct sp_audit *audit, const struct sp_audit_key *key, sigpolicy_error **err)
{
  struct sp_where where = at (key);
  char label[64];

  if (key->source->path && (!key->source->path_len || key->source->path[0] != '/'))
    sp_audit_find (audit, SP_RULE_KEY_RELATIVE_PATH, &where,
                   "%s depends on the current directory of a program",
                   key->source->path_len ? name_of (audit, key) : "an empty path");
  if (key->source->path && key->errnum)
    {
      char room[48];
      where = rejecting (key);
      sp_audit_find (audit, SP_RULE_KEY_MISSING, &where, "%s cannot be read (%s): %s is rejected%s",
                     name_of (audit, key), strerror (key->errnum),
                     sp_audit_example (audit, key->item), others (key, room));
      return 0;
    }
  int rc = key->source->path ? check_location (audit, key, err) : 0;
  if (rc == 0 && key->source->path)
    rc = check_link (audit, key, err);
  if (rc == 0)
    rc = first_label (key->bytes, label, err);
  if (rc < 0)
    return rc;
  if (key->use == SP_KEY_USE_GPG)
    check_gpg_kind (audit, key, label);
  else if (key->use == SP_KEY_USE_SIGSTORE || key->use == SP_KEY_USE_REKOR)
    return check_pem_kind (audit, key, label, err);
  return 0;
}

int
sp_check_keys (struct sp_audit *audit, sigpolicy_error **err)
{
  for (size_t i = 0; i < audit->n_keys; i++)
    {
      const struct sp_audit_key *key = audit->keys[i];
      int rc = check_file (audit, key, err);
      if (rc < 0)
        return rc;
      if (key->use == SP_KEY_USE_GPG && !key->errnum)
        sp_check_openpgp (audit, key);
    }
  sp_check_key_sharing (audit);
  return 0;
}
