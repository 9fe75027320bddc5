/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/key_facts.h"
#include "openpgp/openpgp_int.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define KEY(algorithm) "\x04\x69\x55\xb9\x00" algorithm
#define MPI            "\x00\x10\x80\x01"

/* Keys of version 4, made on 2026-01-01. */
static const struct
{
  const char *name;
  struct sp_view body;
  bool truncated;
  unsigned bits;
  unsigned algorithm;
} keys[] = {
  { "DSA", SP_VIEW (KEY ("\x11") MPI MPI MPI MPI), false, 16, 17 },
  { "DSA without its last number", SP_VIEW (KEY ("\x11") MPI MPI MPI), true, 16, 17 },
  { "Elgamal", SP_VIEW (KEY ("\x10") MPI MPI MPI), false, 16, 16 },
  { "Elgamal without its last number", SP_VIEW (KEY ("\x10") MPI MPI), true, 16, 16 },
  { "RSA", SP_VIEW (KEY ("\x01") MPI MPI), false, 16, 1 },
  { "RSA without its last number", SP_VIEW (KEY ("\x01") MPI), true, 16, 1 },
  { "another", SP_VIEW (KEY ("\x63") "x"), false, 0, 99 },
};

Test (openpgp_key_packets, keys)
{
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      const struct sp_packet packet
          = { .tag = SP_TAG_PUBLIC_KEY, .whole = true, .body = keys[i].body };
      struct sp_key_fact fact = { .version = 0 };
      cr_assert (sp_packet_read_key (packet, &fact, &err) == 0, "%s", keys[i].name);
      cr_expect (fact.is_truncated == keys[i].truncated, "%s", keys[i].name);
      cr_expect ((fact.fingerprint[0] == '\0') == keys[i].truncated, "%s", keys[i].name);
      cr_expect (fact.bits == keys[i].bits && fact.created == 1767225600, "%s: %u, %lld",
                 keys[i].name, fact.bits, (long long)fact.created);
      cr_expect (fact.algorithm == keys[i].algorithm, "%s: %u", keys[i].name, fact.algorithm);
    }
}

/* A signature of version 3 has no subpackets. */
Test (openpgp_key_packets, signatures_of_version_3)
{
  static const char body[]
      = "\x03\x05\x13\x69\x55\xb9\x00\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x08\x00\x00";

  for (size_t len = 0; len < sizeof body; len++)
    {
      const struct sp_packet packet
          = { .tag = SP_TAG_SIGNATURE, .whole = true, .body = sp_view_n (body, len) };
      struct sp_packet_signature signature = sp_packet_read_signature (packet);
      if (len < 17)
        {
          cr_expect (signature.type == 0xff, "%zu bytes", len);
          continue;
        }
      cr_expect (signature.type == 0x13 && signature.created == 1767225600
                     && signature.algorithm == 1 && signature.hash == 8,
                 "%zu bytes", len);
      cr_expect_str_eq (signature.issuer, "0123456789ABCDEF");
    }
}

static void
add_packet (struct sp_buf *file, unsigned tag, struct sp_view body)
{
  sp_buf_byte (file, (char)(0xc0 | tag));
  sp_buf_byte (file, (char)body.len);
  sp_buf_add (file, body);
}

/* The primary key revokes a subkey; nobody else does. */
Test (openpgp_key_packets, revoked_subkeys)
{
  static const struct sp_view key = SP_VIEW (KEY ("\x63") "x"), subkey = SP_VIEW (KEY ("\x63") "y");

  for (int own = 0; own < 2; own++)
    for (int type = 0x18; type <= 0x28; type += 0x10)
      {
        cleanup_error sigpolicy_error *err = NULL;
        cleanup_key_facts struct sp_key_facts_list list = { 0 };
        cleanup_buf struct sp_buf file = SP_BUF (1000), body = SP_BUF (100);
        struct sp_key_fact fact = { .version = 0 };
        const struct sp_packet packet = { .tag = SP_TAG_PUBLIC_KEY, .whole = true, .body = key };
        cr_assert (sp_packet_read_key (packet, &fact, &err) == 0);
        sp_buf_add (&body, sp_view_n ("\x04", 1));
        sp_buf_byte (&body, (char)type);
        sp_buf_add (&body, sp_view_n ("\x63\x08\x00\x00\x00\x0a\x09\x10", 8));
        for (size_t i = 24; i < 40; i += 2)
          {
            const char byte[] = { fact.fingerprint[i], fact.fingerprint[i + 1], '\0' };
            sp_buf_byte (&body, (char)(strtoul (byte, NULL, 16) ^ (own ? 0 : 1)));
          }
        sp_buf_add (&body, sp_view_n ("\0\0", 2));
        add_packet (&file, SP_TAG_PUBLIC_KEY, key);
        add_packet (&file, SP_TAG_PUBLIC_SUBKEY, subkey);
        add_packet (&file, SP_TAG_SIGNATURE, sp_buf_view (&body));
        cr_assert (sp_openpgp_key_facts (sp_buf_view (&file), &list, &err) == 0 && list.len == 1
                   && list.items[0].n_subkeys == 1);
        cr_expect (list.items[0].subkeys[0].revoked == (own && type == 0x28), "%d %x", own, type);
      }
}

/* As many as the limit says, and one more. */
Test (openpgp_key_packets, limits)
{
  static const struct
  {
    unsigned tag;
    size_t max;
    const char *message;
  } rows[] = {
    { SP_TAG_PUBLIC_KEY, SP_KEYS_MAX, "more than 256 keys" },
    { SP_TAG_USER_ATTRIBUTE, SP_KEY_PACKETS_MAX, NULL },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    for (size_t more = 0; more < 2; more++)
      {
        cleanup_error sigpolicy_error *err = NULL;
        cleanup_key_facts struct sp_key_facts_list list = { 0 };
        cleanup_buf struct sp_buf file = SP_BUF (SP_KEY_BYTES_MAX);
        for (size_t j = 0; j < rows[i].max + more; j++)
          add_packet (&file, rows[i].tag, sp_view_n (KEY ("\x63"), 6));
        int rc = sp_openpgp_key_facts (sp_buf_view (&file), &list, &err);
        cr_expect (rc == (more ? SIGPOLICY_E_KEY : 0), "row %zu: %d", i, rc);
        if (rc == 0 || !more)
          continue;
        if (rows[i].message)
          cr_expect_str_eq (sigpolicy_error_message (err), rows[i].message);
        cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
      }
}
