/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_OPENPGP_MODULE_H
#define SP_OPENPGP_MODULE_H

#include <gpgme.h>

/*
 * Between the library and the private module that is linked with GPGME: its functions, as they are.
 * The module is opened when gpg is first needed. What is plain is accepted without it, and so is
 * all that is no OpenPGP: neither pays for GPGME's libraries at its start.
 *
 * The two are built together; the version only tells a stray module of another build.
 */
#define SP_OPENPGP_MODULE_VERSION 1
#define SP_OPENPGP_MODULE_SYMBOL  "sp_openpgp_module"

/* X (name) for each gpgme_<name>() that is called. */
#define SP_GPGME_FUNCTIONS(X)  \
  X (check_version)            \
  X (ctx_get_engine_info)      \
  X (ctx_set_engine_info)      \
  X (data_new)                 \
  X (data_new_from_cbs)        \
  X (data_new_from_mem)        \
  X (data_release)             \
  X (data_release_and_get_mem) \
  X (err_code_from_syserror)   \
  X (err_code_to_errno)        \
  X (free)                     \
  X (get_engine_info)          \
  X (get_key)                  \
  X (io_writen)                \
  X (key_unref)                \
  X (new)                      \
  X (op_import)                \
  X (op_import_result)         \
  X (op_sign)                  \
  X (op_verify)                \
  X (op_verify_result)         \
  X (release)                  \
  X (set_ctx_flag)             \
  X (set_global_flag)          \
  X (set_offline)              \
  X (set_passphrase_cb)        \
  X (set_pinentry_mode)        \
  X (set_protocol)             \
  X (set_status_cb)            \
  X (signers_add)              \
  X (strerror_r)

#define SP_GPGME_MEMBER(name) __typeof__ (gpgme_##name) *name;
struct sp_openpgp_module
{
  int version;
  SP_GPGME_FUNCTIONS (SP_GPGME_MEMBER)
};

/* Only where it is linked with. */
extern const struct sp_openpgp_module sp_openpgp_module;

#endif
