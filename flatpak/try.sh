#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Tries Loadstone as a Flatpak where no Flatpak repository can be reached: only a Debian mirror is
# needed. "flatpak/try.sh --help" says what it does and what it leaves.
set -euo pipefail

here=$(cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname "$here")
work=$here/work
output=
suite=trixie
mirror=
runtime=io.github.loadstone.TryPlatform
app=io.github.loadstone.Loadstone.Devel
arch=$(uname -m)

usage () {
  cat <<END
Usage: flatpak/try.sh [--work DIR] [--output DIR] [--suite NAME] [--mirror URL]

Makes a Flatpak runtime from Debian packages, builds this tree against it by the development manifest,
installs the result in a private installation, and inside its sandbox runs "loadstone-cli assess" on
the sample answers and opens the window on a virtual display.

  --work DIR     where everything is made and installed, about 2 GiB (default: flatpak/work)
  --output DIR   where report and screenshots are left (default: DIR of --work, "output")
  --suite NAME   the Debian release that the runtime is made of (default: trixie)
  --mirror URL   where its packages are (default: the first mirror that apt is configured for)

A runtime made before is used again while the release and the list of packages are the same.
Removing the work folder removes every trace.
END
}

say () {
  printf '%s\n' "$*"
}

fail () {
  printf 'try.sh: %s\n' "$*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --work | --output | --suite | --mirror)
      [ $# -ge 2 ] || fail "$1 needs a value; see flatpak/try.sh --help"
      declare "${1#--}=$2"
      shift 2
      ;;
    *) fail "\"$1\" is not an option; see flatpak/try.sh --help" ;;
  esac
done

PATH=$PATH:/usr/sbin:/sbin
missing=
for pair in flatpak:flatpak flatpak-builder:flatpak-builder bwrap:bubblewrap \
            xvfb-run:xvfb xauth:xauth xwininfo:x11-utils import:imagemagick dbus-run-session:dbus; do
  command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair#*:}"
done
[ -z "$missing" ] || fail "install these Debian packages, then run this again:$missing"

mkdir -p "$work"
work=$(cd -- "$work" && pwd)
output=${output:-$work/output}
mkdir -p "$output" "$work/home"
output=$(cd -- "$output" && pwd)
log=$work/log.txt
: >"$log"

export HOME=$work/home
export FLATPAK_USER_DIR=$work/installation
export XDG_DATA_HOME=$work/home/.local/share XDG_CACHE_HOME=$work/home/.cache
export XDG_CONFIG_HOME=$work/home/.config
XDG_DATA_DIRS=$FLATPAK_USER_DIR/exports/share:/usr/local/share:/usr/share
export XDG_DATA_DIRS
unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
XDG_RUNTIME_DIR=$(mktemp -d)
export XDG_RUNTIME_DIR

# What is half made goes, whatever happens; what is whole stays for the next time.
clean_up () {
  status=$?
  umount "$work/root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$work/root" "$work/root.tar" "$work/runtime" \
    "$work/runtime-repo" "$work/build" "$XDG_RUNTIME_DIR"
  [ $status -eq 0 ] || printf 'try.sh: what was done is in %s\n' "$log" >&2
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Runs a command with all it writes going to the log; its last lines are shown if it fails.
logged () {
  printf '\n$ %s\n' "$*" >>"$log"
  "$@" >>"$log" 2>&1 </dev/null || { status=$?; tail -n 20 "$log" >&2; return "$status"; }
}

# 1. The runtime, which is its own SDK.
packages=$("$root/bootstrap" packages)
stamp=$(printf '%s\n' "$suite" "$packages" | sha256sum)

# Makes a Debian system with the packages in $work/root; mmdebstrap needs not be root.
make_root () {
  rm -rf --one-file-system "$work/root"
  mkdir "$work/root"
  if command -v mmdebstrap >/dev/null; then
    logged mmdebstrap --variant=minbase --include="${packages//$'\n'/,}" "$suite" "$work/root.tar" "$mirror" || return 1
    logged tar -C "$work/root" --no-same-owner --exclude='./dev/*' -xf "$work/root.tar" || return 1
    rm "$work/root.tar"
  else
    logged debootstrap --variant=minbase "$suite" "$work/root" "$mirror" || return 1
    mount -t proc proc "$work/root/proc"
    # shellcheck disable=SC2086 # a list of words
    logged chroot "$work/root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
      apt-get -q -y --no-install-recommends install $packages || return 1
    umount "$work/root/proc"
  fi
}

make_runtime () {
  command -v mmdebstrap >/dev/null || { [ "$(id -u)" -eq 0 ] && command -v debootstrap >/dev/null; } ||
    fail "making the runtime needs mmdebstrap, or debootstrap and root; install mmdebstrap and uidmap"
  if [ -z "$mirror" ]; then
    # shellcheck disable=SC2016 # apt's own variables
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
      grep -v security | head -n 1) || true
    [ -n "$mirror" ] || fail "apt names no mirror; give one with --mirror URL"
  fi

  say "Making a runtime from Debian $suite (a minute or more)"
  make_root ||
    fail "cannot make a Debian $suite system with these packages; see $log, or name another --mirror"

  # A runtime is a system's /usr, with what programs need of /etc beneath it.
  rm -rf --one-file-system "$work/runtime" "$work/runtime-repo"
  mkdir -p "$work/runtime/files"
  mv "$work/root/usr" "$work/runtime/usr"
  mkdir "$work/runtime/usr/etc"
  for name in alternatives fonts ld.so.conf ld.so.conf.d ssl; do
    [ ! -e "$work/root/etc/$name" ] || cp -a "$work/root/etc/$name" "$work/runtime/usr/etc/"
  done
  rm -rf "$work/runtime/usr/share/doc" "$work/runtime/usr/share/man" "$work/runtime/usr/share/info"
  find "$work/runtime/usr" -perm /6000 -exec chmod ug-s {} +
  cat >"$work/runtime/metadata" <<END
[Runtime]
name=$runtime
runtime=$runtime/$arch/$suite
sdk=$runtime/$arch/$suite

[Environment]
GI_TYPELIB_PATH=/app/lib/girepository-1.0
PKG_CONFIG_PATH=/app/lib/pkgconfig:/app/share/pkgconfig
XDG_DATA_DIRS=/app/share:/usr/share
END
  logged flatpak build-export --runtime --no-update-summary "$work/runtime-repo" "$work/runtime" "$suite" ||
    fail "cannot export the runtime"
  logged flatpak build-update-repo "$work/runtime-repo"
  rm -rf --one-file-system "$work/root" "$work/runtime"
  logged flatpak --user remote-add --if-not-exists --no-gpg-verify try-runtime "$work/runtime-repo"
  logged flatpak --user install --noninteractive --reinstall try-runtime "runtime/$runtime/$arch/$suite" ||
    fail "cannot install the runtime"
  logged flatpak --user remote-delete --force try-runtime
  rm -rf "$work/runtime-repo"
  printf '%s\n' "$stamp" >"$work/runtime.stamp"
}

if [ "$(cat "$work/runtime.stamp" 2>/dev/null)" != "$stamp" ] ||
  ! flatpak --user info "$runtime/$arch/$suite" >/dev/null 2>&1; then
  rm -f "$work/runtime.stamp"
  make_runtime
fi

# 2. The app, by its development manifest; the runtime above has what the manifest's other modules build.
python3 - "$here/$app.json" "$work/$app.json" "$runtime" "$suite" "$root" <<'END'
import json, sys
source, target, runtime, suite, root = sys.argv[1:]
with open(source, encoding='utf-8') as file:
    manifest = json.load(file)
manifest |= {'runtime': runtime, 'sdk': runtime, 'runtime-version': suite}
manifest['modules'] = [m for m in manifest['modules'] if m['name'] == 'loadstone']
manifest['modules'][0]['sources'][0]['path'] = root
manifest |= {'appstream-compose': False, 'build-options': {'no-debuginfo': True}}
with open(target, 'w', encoding='utf-8') as file:
    json.dump(manifest, file, indent=4)
END
say "Building $app"
logged dbus-run-session -- flatpak-builder --user --force-clean --disable-rofiles-fuse --disable-cache \
  --state-dir="$work/state" --repo="$work/repo" "$work/build" "$work/$app.json" ||
  fail "cannot build the app; see $log"
grep -n 'warning:' "$log" >"$output/warnings.txt" || say "It compiles without a warning."
[ ! -s "$output/warnings.txt" ] || say "$(wc -l <"$output/warnings.txt") warnings, in $output/warnings.txt"
logged flatpak --user remote-add --if-not-exists --no-gpg-verify try-app "$work/repo"
logged flatpak --user install --noninteractive --reinstall --no-deps --no-related try-app "$app" || fail "cannot install the app"

# 3. The main job, inside the sandbox: no network but loopback, no files but the app's own.
say "Assessing the sample answers inside the sandbox"
inside=$HOME/.var/app/$app/data/try
rm -rf "$inside"
# shellcheck disable=SC2016 # variables of the shell inside
flatpak run --user --command=sh "$app" -c '
  set -eu
  sed -n "/^name=/p;/^runtime=/p" /.flatpak-info
  printf "network interfaces:"; sed -n "s/^ *\([a-z0-9]*\):.*/ \1/p" /proc/net/dev | tr -d "\n"; echo
  printf "GTK %s, libadwaita %s\n" "$(pkg-config --modversion gtk4)" "$(pkg-config --modversion libadwaita-1)"
  exec loadstone-cli assess --quick --answers /app/share/loadstone/sample-answers.json \
    --output "$XDG_DATA_HOME/try"' </dev/null 2>&1 | tee "$output/assess.txt" || {
  # 3 and 4 are findings, not failures: a threshold missed, a measurement invalid.
  status=$?
  case $status in 3 | 4) ;; *) fail "the assessment failed inside the sandbox (see above)" ;; esac
}
cp "$inside"/* "$output/"

# 4. The window, inside the sandbox.
say "Opening the window inside the sandbox"
cat >"$work/window.sh" <<'END'
set -eu
app=$1 output=$2
flatpak run --user --env=GSK_RENDERER=cairo --env=GTK_A11Y=none "$app" >"$output/window.txt" 2>&1 &
trap 'flatpak kill "$app" 2>/dev/null || true; wait' EXIT
# Until it is there, and then until two pictures in a row are the same.
visible_window () {
  for id in $(xwininfo -root -tree | awk '/\("loadstone"/ { print $1 }'); do
    ! xwininfo -id "$id" | grep -q IsViewable || { echo "$id"; return; }
  done
}
window=
for attempt in $(seq 60); do
  window=$(visible_window)
  [ -z "$window" ] || break
  sleep 0.5
done
[ -n "$window" ] || { echo "the window did not come within 30 s"; cat "$output/window.txt"; exit 1; }
before=
for attempt in $(seq 20); do
  import -silent -window "$window" "$output/window.png"
  now=$(cksum <"$output/window.png")
  [ "$now" != "$before" ] || exit 0
  before=$now
  sleep 0.5
done
echo "the window does not come to rest within 10 s"
exit 1
END
logged dbus-run-session -- xvfb-run -a -s '-screen 0 1100x800x24 -nolisten tcp' \
  bash "$work/window.sh" "$app" "$output" || fail "the window did not open inside the sandbox; see $log"

# What runs inside the sandbox has a file that says so.
for _ in $(seq 20); do
  left=$(grep -lsxF "name=$app" /proc/[0-9]*/root/.flatpak-info | wc -l) || true
  [ "$left" -ne 0 ] || break
  sleep 0.25
done
[ "$left" -eq 0 ] || fail "$left processes are still in the sandbox"

say "Left in $output: $(cd "$output" && printf '%s ' *)"
