#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""May this image be used? The verdict of libsigpolicy from Python, by ctypes alone.

    verify_image.py POLICY IMAGE [NAME [TIME]]
    verify_image.py /etc/containers/policy.json dir:/srv/app docker://quay.io/ns/app:v1

NAME is the one that the image is judged by; without it, its own. TIME, such as 2026-11-21T00:30:00Z, stands in place
of now. Exit status: 0 accepted, 1 rejected, 2 usage, 3 policy, 4 keys, 5 not found, 6 could not find out, 7 internal.
LIBSIGPOLICY may name the library to load.
"""

import ctypes
import os
import sys
from ctypes import POINTER, byref, c_char_p, c_int, c_uint, c_void_p

ACCEPTED = 0x5A17  # every other answer, also one that is not known yet, is "no"

_library = ctypes.CDLL(os.environ.get("LIBSIGPOLICY", "libsigpolicy.so.0"))


def _function(name, result, *arguments):
    function = getattr(_library, "sigpolicy_" + name)
    function.restype, function.argtypes = result, arguments
    return function


# Without these, ctypes would take every result for an int and cut pointers in half.
_OUT = POINTER(c_void_p)
_global_init = _function("global_init", c_int, c_uint, _OUT)
_reason_slug = _function("reason_slug", c_char_p, c_int)
_error_free = _function("error_free", None, c_void_p)
_error = {
    "code": _function("error_code", c_int, c_void_p),
    "reason": _function("error_reason", c_int, c_void_p),
    "message": _function("error_message", c_char_p, c_void_p),
    "text": _function("error_text", c_char_p, c_void_p),
    "hint": _function("error_hint", c_char_p, c_void_p),
    "file": _function("error_file", c_char_p, c_void_p),
    "line": _function("error_line", c_uint, c_void_p),
    "column": _function("error_column", c_uint, c_void_p),
    "json_path": _function("error_json_path", c_char_p, c_void_p),
}
_policy_load = _function("policy_load", c_int, c_char_p, _OUT, _OUT)
_policy_free = _function("policy_free", None, c_void_p)
_context_new = _function("context_new", c_int, _OUT, _OUT)
_context_free = _function("context_free", None, c_void_p)
_context_set_policy = _function("context_set_policy", None, c_void_p, c_void_p)
_context_set_clock_text = _function("context_set_clock_text", c_int, c_void_p, c_char_p, _OUT)
_request_new = _function("request_new", c_int, _OUT, _OUT)
_request_free = _function("request_free", None, c_void_p)
_request_set_image = _function("request_set_image", c_int, c_void_p, c_char_p, _OUT)
_request_set_reference = _function("request_set_reference", c_int, c_void_p, c_char_p, _OUT)
_evaluate = _function("evaluate", c_int, c_void_p, c_void_p, _OUT, _OUT)
_verdict_free = _function("verdict_free", None, c_void_p)
_verdict = {
    "answer": _function("verdict_answer", c_int, c_void_p),
    "code": _function("verdict_code", c_int, c_void_p),
    "reason": _function("verdict_reason", c_int, c_void_p),
    "message": _function("verdict_message", c_char_p, c_void_p),
    "digest": _function("verdict_digest", c_char_p, c_void_p),
    "pinned": _function("verdict_pinned", c_char_p, c_void_p),
}


def _fields(getters, handle):
    """What the getters say, as Python's own values, which outlive the handle."""
    values = {name: getter(handle) for name, getter in getters.items()}
    values["reason"] = _reason_slug(values["reason"])
    return {name: value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
            for name, value in values.items()}


class Error(Exception):
    """What went wrong: code, reason, message, text, hint; and where: file, line, column, json_path."""

    def __init__(self, handle):
        self.__dict__.update(_fields(_error, handle))
        super().__init__(self.text)


class Verdict:
    """The answer about one image: accepted, and reason, message, digest, pinned, code."""

    def __init__(self, handle):
        self.__dict__.update(_fields(_verdict, handle))
        self.accepted = self.answer == ACCEPTED


def _call(function, *arguments):
    """Calls a function whose last argument receives an error."""
    error = c_void_p()
    if function(*arguments, byref(error)) < 0:
        try:
            raise Error(error)
        finally:
            _error_free(error)


class _Handle:
    """Something of the library's, which is released when the block is left."""

    def __init__(self, free, new, *arguments):
        self.free, self.value = free, c_void_p()
        _call(new, *arguments, byref(self.value))

    def __enter__(self):
        return self.value

    def __exit__(self, *_):
        self.free(self.value)


def verify(policy_path, image, name=None, time=None):
    """Judge an image by a policy file. Returns a Verdict; raises Error when the policy cannot be used."""
    _call(_global_init, 0)
    with _Handle(_policy_free, _policy_load, os.fsencode(policy_path)) as policy, \
            _Handle(_context_free, _context_new) as context, \
            _Handle(_request_free, _request_new) as request:
        _context_set_policy(context, policy)
        if time:
            _call(_context_set_clock_text, context, time.encode())
        _call(_request_set_image, request, os.fsencode(image))
        if name:
            _call(_request_set_reference, request, os.fsencode(name))
        with _Handle(_verdict_free, _evaluate, context, request) as verdict:
            return Verdict(verdict)


def main(arguments):
    if not 2 <= len(arguments) <= 4:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        verdict = verify(*arguments)
    except Error as error:
        print(error, file=sys.stderr)
        for name in ("file", "line", "column", "json_path", "hint"):
            if getattr(error, name):
                print(f"  {name:<9}  {getattr(error, name)}", file=sys.stderr)
        return -error.code
    if not verdict.accepted:
        print(f"rejected: {verdict.reason}: {verdict.message}")
        # Never 0, whatever the code says.
        return -verdict.code or 1
    print(f"accepted: {verdict.pinned or verdict.digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
