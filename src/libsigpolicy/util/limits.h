/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_LIMITS_H
#define SP_UTIL_LIMITS_H

/*
 * Every limit for what comes from outside, in one place. Going over one is a failure of its own
 * reason, "limit". SECURITY.md and sigpolicy(1) list them; each has a test at the limit and beyond.
 * Sizes are in bytes.
 */
#define SP_KIB (1024UL)
#define SP_MIB (1024UL * 1024UL)

/* policy.json */
#define SP_POLICY_BYTES_MAX        (16 * SP_MIB)
#define SP_POLICY_SCOPES_MAX       100000UL
#define SP_POLICY_REQUIREMENTS_MAX 64UL /* for one scope */
#define SP_POLICY_KEY_SOURCES_MAX  64UL /* for one requirement */
#define SP_POLICY_DEPTH_MAX        64U
#define SP_POLICY_STRING_MAX       (1 * SP_MIB)

/* registries.d */
#define SP_REGISTRIES_D_FILE_BYTES_MAX (1 * SP_MIB)
#define SP_REGISTRIES_D_BYTES_MAX      (16 * SP_MIB)
#define SP_REGISTRIES_D_FILES_MAX      1024UL
#define SP_YAML_DEPTH_MAX              64U
#define SP_YAML_ALIASES_MAX            10000UL
#define SP_YAML_EVENTS_MAX             100000UL
#define SP_YAML_TAG_BYTES_MAX          256UL /* as expanded */

/* registries.conf and its drop-ins; TOML in general */
#define SP_REGISTRIES_CONF_BYTES_MAX (16 * SP_MIB)
#define SP_REGISTRIES_CONF_FILES_MAX 1024UL
#define SP_TOML_BYTES_MAX            (1 * SP_MIB)
#define SP_TOML_DEPTH_MAX            64U
#define SP_TOML_NODES_MAX            100000UL

/* sigpolicy.conf; dpkg's record of what is installed */
#define SP_SETTINGS_BYTES_MAX    (64 * SP_KIB)
#define SP_DPKG_STATUS_BYTES_MAX (64 * SP_MIB)

/* keys */
#define SP_KEY_BYTES_MAX   (1 * SP_MIB)
#define SP_KEYS_MAX        256UL
#define SP_KEY_PACKETS_MAX 10000UL

/* paths that we compose or resolve; extended attributes of a file: all names, and one value */
#define SP_PATH_BYTES_MAX  4096UL
#define SP_XATTR_BYTES_MAX (64 * SP_KIB)

/* images */
#define SP_REFERENCE_BYTES_MAX   4096UL
#define SP_REFERENCE_NAME_MAX    255UL
#define SP_MANIFEST_BYTES_MAX    (4 * SP_MIB)
#define SP_MANIFEST_DEPTH_MAX    64U
#define SP_MANIFEST_ENTRIES_MAX  4096UL
#define SP_VERSION_FILE_MAX      1024UL
#define SP_SIGNATURE_BYTES_MAX   (4 * SP_MIB)
#define SP_SIGNATURES_MAX        127UL
#define SP_SIGNATURES_BYTES_MAX  (32 * SP_MIB)
#define SP_SIGNED_TEXT_BYTES_MAX (1 * SP_MIB)
#define SP_SIGNATURE_PACKETS_MAX 16U

/* archives: all walks; the decompressed bytes of one walk; the list of images in a docker archive
 */
#define SP_ARCHIVE_MEMBERS_MAX    100000UL
#define SP_ARCHIVE_BYTES_MAX      (64 * 1024 * SP_MIB)
#define SP_ARCHIVE_LAYERS_MAX     4096UL
#define SP_ARCHIVE_LIST_BYTES_MAX (1 * SP_MIB)

/* podman's storage: the records of images or containers, in how many directories; how long another
 * process may hold its lock, in milliseconds, and how often it may change while it is read */
#define SP_STORE_BYTES_MAX   (64 * SP_MIB)
#define SP_STORE_RECORDS_MAX 100000UL
#define SP_STORE_NAMES_MAX   1024UL /* of one record, and its digests */
#define SP_STORE_DEPTH_MAX   64U
#define SP_STORE_ROOTS_MAX   64UL
#define SP_STORE_LOCK_MS     10000U
#define SP_STORE_TRIES       16U

/* auth.json and its like, and the programs that they name */
#define SP_AUTH_FILE_BYTES_MAX (1 * SP_MIB)
#define SP_AUTH_DEPTH_MAX      64U
#define SP_HELPER_BYTES_MAX    (64 * SP_KIB)
#define SP_HELPER_DEPTH_MAX    64U
#define SP_HELPER_SECONDS      10U

/* certs.d: a file, and the CA certificates and the files of a host */
#define SP_CERTS_D_FILE_BYTES_MAX (1 * SP_MIB)
#define SP_CERTS_D_BYTES_MAX      (16 * SP_MIB)
#define SP_CERTS_D_FILES_MAX      1024UL

/* what a registry's answers may ask for */
#define SP_CHALLENGE_BYTES_MAX  (8 * SP_KIB)
#define SP_CHALLENGE_PARAMS_MAX 32UL
#define SP_URL_BYTES_MAX        4096UL

/* HTTP: one response, one exchange, one image; times in milliseconds unless they say otherwise */
#define SP_HTTP_HEADER_LINES_MAX 256UL
#define SP_HTTP_HEADER_BYTES_MAX (64 * SP_KIB)
#define SP_HTTP_TOKEN_BYTES_MAX  (1 * SP_MIB)
#define SP_HTTP_ERROR_BYTES_MAX  (64 * SP_KIB)
#define SP_HTTP_REDIRECTS_MAX    5U
#define SP_HTTP_CONNECT_MS       10000UL
#define SP_HTTP_EXCHANGE_MS      60000UL
#define SP_HTTP_IMAGE_MS         120000UL
#define SP_HTTP_SLOW_BYTES       1024UL /* a second, */
#define SP_HTTP_SLOW_SECONDS     20UL   /* over so many */
#define SP_HTTP_RETRIES_MAX      2U
#define SP_HTTP_HUNG_MAX         64UL
#define SP_HTTP_HUNG_MS          60000UL
#define SP_HTTP_HUNG_PAUSE_MS    120000UL
#define SP_HTTP_HUNG_PROBE_MS    3000UL
#define SP_HTTP_RETRY_AFTER_MAX  10UL /* seconds */

/* Helm charts: a provenance is SP_SIGNED_TEXT_BYTES_MAX; Chart.yaml, also as a configuration; what
 * the archive unpacks to, and its own size */
#define SP_CHART_METADATA_BYTES_MAX (1 * SP_MIB)
#define SP_CHART_BYTES_MAX          (100 * SP_MIB)

/* registries */
#define SP_REGISTRIES_KEPT_MAX 32UL
#define SP_REGISTRY_DEPTH_MAX  64U

/* What refers to an image: pages of the index, what they name; where it is only named, manifests
 * that are looked into, and where it is a signature, manifests that are read. */
#define SP_REFERRERS_PAGES_MAX 10UL
#define SP_REFERRERS_MAX       1000UL
#define SP_REFERRERS_READ_MAX  8UL
#define SP_REFERRERS_TAKEN_MAX 127UL
#define SP_REFERRER_BYTES_MAX  (1 * SP_MIB)

/* one line of verify --batch */
#define SP_BATCH_LINE_BYTES_MAX (1 * SP_MIB)
#define SP_BATCH_DEPTH_MAX      8U

/* JSON in general: the depth that a payload may have, and the values of one document */
#define SP_JSON_DEPTH_MAX 10000U
#define SP_JSON_NODES_MAX 4000000UL

/* what sigstore signatures come with */
#define SP_REKOR_SET_BYTES_MAX           (256 * SP_KIB)
#define SP_REKOR_DEPTH_MAX               16U
#define SP_JSON_CANONICAL_DEPTH_MAX      16U
#define SP_CERTIFICATE_BYTES_MAX         (32 * SP_KIB)
#define SP_CERTIFICATE_CHAIN_BYTES_MAX   (64 * SP_KIB) /* in PEM */
#define SP_CERTIFICATE_CHAIN_MAX         10UL          /* certificates that come with a signature */
#define SP_CERTIFICATE_INTERMEDIATES_MAX 5             /* between the signer's and the root */
#define SP_CERTIFICATE_NAMES_MAX         256UL /* alternative names; constraints of them; policies */
#define SP_CERTIFICATE_EXTENSIONS_MAX    128UL

/* sigstore bundles, and the file that says which logs and authorities are trusted */
#define SP_BUNDLE_BYTES_MAX              (1 * SP_MIB)
#define SP_BUNDLE_DEPTH_MAX              16U
#define SP_BUNDLE_ENTRIES_MAX            32UL
#define SP_BUNDLE_TIMESTAMPS_MAX         32UL
#define SP_BUNDLE_CERTIFICATES_MAX       10UL
#define SP_BUNDLE_HASHES_MAX             64UL /* of one proof */
#define SP_CHECKPOINT_BYTES_MAX          (16 * SP_KIB)
#define SP_CHECKPOINT_SIGNATURES_MAX     100UL
#define SP_SCTS_MAX                      16UL
#define SP_STATEMENT_DEPTH_MAX           64U
#define SP_STATEMENT_SUBJECTS_MAX        1024UL
#define SP_STATEMENT_DIGESTS_MAX         32UL /* of one subject */
#define SP_STATEMENT_ANNOTATIONS_MAX     256UL
#define SP_TRUSTED_ROOT_BYTES_MAX        (1 * SP_MIB)
#define SP_TRUSTED_ROOT_ENTRIES_MAX      64UL /* logs or authorities of one kind */
#define SP_TRUSTED_ROOT_CERTIFICATES_MAX 10UL /* of one authority */

/* one gpg process; max-output is SP_SIGNED_TEXT_BYTES_MAX */
#define SP_RSA_BITS_MIN            2048U      /* below: accepted with a warning */
#define SP_GPG_TIME_END            4294944000 /* 2106-02-07: its clock of 32 bits ends on that day */
#define SP_GPG_CPU_SECONDS         5U
#define SP_GPG_WALL_SECONDS        10U
#define SP_GPG_ADDRESS_SPACE_BYTES (256 * SP_MIB)

/* how much of a hostile string a message shows */
#define SP_SHOWN_BYTES_MAX 512UL

/* an audit: findings, faults of one policy, entries of a directory, suppressions and baselines */
#define SP_AUDIT_FINDINGS_MAX   100000UL
#define SP_AUDIT_FAULTS_MAX     100U
#define SP_AUDIT_ENTRIES_MAX    10000UL
#define SP_AUDIT_FILE_BYTES_MAX (4 * SP_MIB)

/* an earlier report in JSON */
#define SP_REPORT_DEPTH_MAX 16U
#define SP_REPORT_NODES_MAX 2000000UL

/* a file of policy tests */
#define SP_TRIAL_BYTES_MAX (4 * SP_MIB)

/* what engines hand to their hooks */
#define SP_HOOK_DESCRIPTOR_BYTES_MAX SP_MIB
#define SP_HOOK_CONFIG_BYTES_MAX     (16 * SP_MIB)
#define SP_HOOK_DEPTH_MAX            64U

/* what we print about one image */
#define SP_OUTPUT_BYTES_MAX (64 * SP_MIB)

#endif
