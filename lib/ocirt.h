/* SPDX-License-Identifier: Apache-2.0 */
/* libocirt: the OCI container runtime as a library. */
#ifndef OCIRT_H
#define OCIRT_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* The version of the library that runs, "0.1.0". Never NULL; static, not to be freed. Since 0.1. */
const char *ocirt_version(void);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
