/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SUPPORT_BUNDLE_FIXTURES_H
#define TESTS_SUPPORT_BUNDLE_FIXTURES_H

#include "model/bundle.h"
#include "model/trusted_root.h"

/* A bundle of tests/fixtures/bundles, and the root that everything in it is trusted by. Start from
 * {0}; a fixture that cannot be read ends the test. */
struct bundle_fixture
{
  struct sp_buf text;
  struct sp_bundle *bundle;
  struct sp_trusted_root *root;
  struct sp_certificate *leaf; /* of the signer; NULL where a key signed */
};

void bundle_fixture_load (const char *name, struct bundle_fixture *ret);
void bundle_fixture_clear (struct bundle_fixture *fixture);

#define cleanup_bundle_fixture SP_CLEANUP (bundle_fixture_clear)

#endif
