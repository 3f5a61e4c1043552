/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this program was built from, and how. */
#include "lds-build.h"

#include "lds-build-commit.h"
#include "lds-build-options.h"

#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature (name)
#else
#define HAS_FEATURE(name) 0
#endif

/* Flags may ask for sanitizers without Meson's knowing of it. */
#if defined __SANITIZE_ADDRESS__ || HAS_FEATURE(address_sanitizer)
#define SEEN_SANITIZERS "address"
#elif defined __SANITIZE_THREAD__ || HAS_FEATURE(thread_sanitizer)
#define SEEN_SANITIZERS "thread"
#else
#define SEEN_SANITIZERS ""
#endif

static const LdsBuild build = {
    .commit = LDS_BUILD_COMMIT,
    .compiler = LDS_BUILD_COMPILER,
    .type = LDS_BUILD_TYPE,
    .flags = LDS_BUILD_FLAGS,
    .sanitizers = sizeof LDS_BUILD_SANITIZERS > 1 ? LDS_BUILD_SANITIZERS : SEEN_SANITIZERS,
#ifdef __OPTIMIZE__
    .optimised = true,
#endif
};

const LdsBuild *
lds_build_get (void)
{
  return &build;
}

bool
lds_build_is_slow (const LdsBuild *of)
{
  return !of->optimised || *of->sanitizers != '\0';
}
