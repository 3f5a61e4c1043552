#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# commit.sh SOURCE_ROOT HEADER DEPFILE: writes the commit that is built into HEADER, "-dirty" behind it where
# a file is not as it was committed, "unknown" where SOURCE_ROOT is not the root of a checkout.
#
# DEPFILE names what the answer rests on, so that a build asks again only when that has changed. HEADER is left
# alone while it says the same: nothing is then compiled anew.
set -eu
root=$1
header=$2
depfile=$3

# Only the checkout of this very folder: a tarball may lie within another project's.
git_here () {
  git -C "$root" --no-optional-locks --git-dir=.git --work-tree=. "$@" 2>/dev/null
}

list_what_decides () {
  git_here -c core.quotePath=off ls-files
  git_here rev-parse --git-path HEAD
  git_here rev-parse --git-path logs/HEAD # a line longer with each commit
}

commit=$(git_here describe --always --dirty --abbrev=12 --exclude='*') || commit=
text="#define LDS_BUILD_COMMIT \"${commit:-unknown}\""
if [ ! -f "$header" ] || [ "$(cat "$header")" != "$text" ]; then
  printf '%s\n' "$text" >"$header"
fi

{
  printf '%s:' "$header"
  if [ -n "$commit" ]; then
    list_what_decides | while IFS= read -r name; do
      case $name in
        /*) path=$name ;;
        *) path=$root/$name ;;
      esac
      # What was deleted cannot be waited for.
      [ ! -e "$path" ] || printf '%s\n' "$path"
    done | sed 's/[ #]/\\&/g; s/\$/$$/g; s/^/ /' | tr -d '\n'
  fi
  printf '\n'
} >"$depfile"
