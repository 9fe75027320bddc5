/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/image_name.h"
#include "util/codec.h"

#include <criterion/criterion.h>

#define H "4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a"
#define D "sha256:" H
#define G "[vfs@/g]"

/* Namespaces are joined with spaces. identity NULL means "refused". */
static const struct
{
  const char *in, *text, *identity, *namespaces;
} cases[] = {
  { "docker://busybox", "docker://busybox:latest", "docker.io/library/busybox:latest",
    "docker.io/library/busybox docker.io/library docker.io *.io" },
  { "docker://example.com/a/b/c:t", "docker://example.com/a/b/c:t", "example.com/a/b/c:t",
    "example.com/a/b/c example.com/a/b example.com/a example.com *.com" },
  { "docker://sub.example.com:8443/ns/img:t", "docker://sub.example.com:8443/ns/img:t",
    "sub.example.com:8443/ns/img:t",
    "sub.example.com:8443/ns/img sub.example.com:8443/ns sub.example.com:8443 *.example.com "
    "*.com" },
  { "docker://localhost:5000/x", "docker://localhost:5000/x:latest", "localhost:5000/x:latest",
    "localhost:5000/x localhost:5000" },
  { "docker://1.2.3.4:80/x", "docker://1.2.3.4:80/x:latest", "1.2.3.4:80/x:latest",
    "1.2.3.4:80/x 1.2.3.4:80 *.2.3.4 *.3.4 *.4" },
  { "docker://a_b.c/d:t", "docker://a_b.c/d:t", "a_b.c/d:t", "a_b.c/d a_b.c *.c" },
  { "docker://example.com/a@@unknown-digest@@", "docker://example.com/a@@unknown-digest@@",
    "example.com/a", "example.com *.com" },
  { "docker://example.com/a:t@@unknown-digest@@", NULL, NULL, NULL },
  { "docker://example.com/a:t@" D, NULL, NULL, NULL },
  { "docker:busybox", NULL, NULL, NULL },
  { "busybox", NULL, NULL, NULL },
  { "Docker://busybox", NULL, NULL, NULL },
  { "atomic:busybox:latest", "atomic:busybox:latest", "docker.io/library/busybox:latest",
    "docker.io/library/busybox docker.io/library docker.io *.io" },
  { "atomic:a.b/c:t", NULL, NULL, NULL },
  { "atomic:a.b/c/d", NULL, NULL, NULL },
  { "atomic:a.b/c/d:t@" D, NULL, NULL, NULL },
  { "docker-daemon:" D, "docker-daemon:" D, "", "" },
  { "docker-daemon:sha512:" H H, NULL, NULL, NULL },
  { "docker-daemon:busybox", NULL, NULL, NULL },
  { "docker-daemon:sha256:abc", NULL, NULL, NULL },
  { "docker-archive:/x.tar:busybox", "docker-archive:/x.tar:docker.io/library/busybox:latest", "",
    "" },
  { "docker-archive:/x.tar:@-1", NULL, NULL, NULL },
  { "docker-archive:", NULL, NULL, NULL },
  { "dir:/", "dir:/", "/", "" },
  { "dir:/usr/bin/nothing-like-it", "dir:/usr/bin/nothing-like-it", "/usr/bin/nothing-like-it",
    "/usr/bin /usr" },
  { "dir:/usr/nowhere/../bin", "dir:/usr/nowhere/../bin", "/usr/bin", "/usr" },
  { "dir:/nowhere/at/all", NULL, NULL, NULL },
  { "sif:/usr/x.sif", "sif:/usr/x.sif", "/usr/x.sif", "/usr" },
  { "oci:/usr/share:tag", "oci:/usr/share:tag", "/usr/share", "/usr/share /usr" },
  { "oci:/usr/share:@007", "oci:/usr/share:@7", "/usr/share", "/usr/share /usr" },
  { "oci:/usr/share:@-1", NULL, NULL, NULL },
  { "oci:/usr/share:a---b", NULL, NULL, NULL },
  { "oci-archive:/usr/x.tar:@0", NULL, NULL, NULL },
  { "oci:/usr/share:@x", NULL, NULL, NULL },
  { "oci:/usr/share:@", NULL, NULL, NULL },
  { "oci:/usr/share:@99999999999999999999", NULL, NULL, NULL },
  { "tarball:/nowhere/x", NULL, NULL, NULL },
  { "tarball:/etc/passwd", "tarball:/etc/passwd", "", "" },
  { "tarball:-:/etc/passwd", "tarball:-:/etc/passwd", "", "" },
  { "tarball:/etc/passwd:/nowhere/x", NULL, NULL, NULL },
  { "ostree:x", NULL, NULL, NULL },
  { "containers-storage:[vfs@/g]busybox",
    "containers-storage:[vfs@/g+/run/containers/storage]docker.io/library/busybox:latest",
    G "docker.io/library/busybox:latest",
    G "docker.io/library/busybox " G "docker.io/library " G "docker.io " G " [/g]" },
  { "containers-storage:[vfs@/g+/r]busybox:t@" D "@" H,
    "containers-storage:[vfs@/g+/r]docker.io/library/busybox:t@" D "@" H,
    G "docker.io/library/busybox:t@" D "@" H,
    G "docker.io/library/busybox:t@" D " " G "docker.io/library/busybox:t " G
      "docker.io/library/busybox " G "docker.io/library " G "docker.io " G " [/g]" },
  { "containers-storage:[vfs@/g+/r]@" H, "containers-storage:[vfs@/g+/r]@" H, G "@" H, G " [/g]" },
  { "containers-storage:[vfs@/g]busybox@abc", NULL, NULL, NULL },
  { "containers-storage:[vfs@/g]@" D, NULL, NULL, NULL },
  { "containers-storage:[vfs@/g]", NULL, NULL, NULL },
  { "containers-storage:[vfs@g]busybox", NULL, NULL, NULL },
  { "containers-storage:[vfs@/x/../g//+/r/.]@" H, "containers-storage:[vfs@/g+/r]@" H, G "@" H,
    G " [/g]" },
  { "containers-storage:[nofs@/g]busybox", NULL, NULL, NULL },
};

static void
check_namespaces (const char *in, const struct sp_strv *namespaces, const char *expected)
{
  cleanup_buf struct sp_buf joined = SP_BUF (10000);
  for (size_t i = 0; i < namespaces->len; i++)
    sp_buf_printf (&joined, "%s%s", i ? " " : "", namespaces->items[i]);
  cr_expect_str_eq (joined.data, expected, "'%s': '%s'", in, joined.data);
}

Test (reference_image_name, table)
{
  /* The default run root depends on who runs the test. */
  bool root = geteuid () == 0;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_image_name struct sp_image_name *name = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      int rc = sp_image_name_parse (sp_view_str (cases[i].in), &name, &err);
      cr_expect ((rc == 0) == (cases[i].identity != NULL), "'%s': %s", cases[i].in,
                 rc < 0 ? sigpolicy_error_text (err) : "accepted");
      if (rc < 0 || !cases[i].identity)
        continue;
      if (root || !strstr (cases[i].text, "/run/containers"))
        cr_expect_str_eq (name->text, cases[i].text, "'%s': '%s'", cases[i].in, name->text);
      cr_expect_str_eq (name->identity, cases[i].identity, "'%s': '%s'", cases[i].in,
                        name->identity);
      check_namespaces (cases[i].in, &name->namespaces, cases[i].namespaces);
    }
}
