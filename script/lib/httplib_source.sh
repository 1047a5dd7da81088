# Sourced by script/bootstrap: the HTTP library that freightd is built with.
#
# Debian 12 packages a release of cpp-httplib with known holes. Debian 13's source package has them
# mended; it is taken from the mirrors that this machine's own apt is configured with, its signature
# checked by apt with Debian's keyring, and unpacked with Debian's patches into a folder that git
# ignores. Nothing of the system's configuration is changed: apt works on a private copy.

httplib_folder="$root/.deps/cpp-httplib"

# The mirrors that serve this release of Debian, as deb-src lines of the release after it; the one of
# the security team first, which takes a package away once the next point release has it.
httplib_sources() {
  local codename site release component keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  codename="$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")"
  [[ $codename == bookworm ]] || return 0
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' "Created-By: Packages" |
    sort -u -r -k 2 | while read -r site release component; do
    case "$release $component" in
      "bookworm main" | "bookworm-security main")
        printf 'deb-src [signed-by=%s] %s %s main\n' "$keyring" "$site" "${release/bookworm/trixie}"
        ;;
    esac
  done
}

# download_httplib FOLDER DEB_SRC_LINE: unpacks into FOLDER/unpacked.
download_httplib() {
  local private="$1" options
  rm -rf "$private"
  mkdir -p "$private"/{state/lists/partial,cache/archives/partial,parts,source}
  printf '%s\n' "$2" >"$private/sources.list"
  options=(
    -q -o "Dir::Etc::sourcelist=$private/sources.list" -o "Dir::Etc::sourceparts=$private/parts"
    -o "Dir::State=$private/state" -o "Dir::State::status=/var/lib/dpkg/status"
    -o "Dir::Cache=$private/cache" -o APT::Sandbox::User= -o Acquire::Retries=3
    -o Acquire::Languages=none
  )
  cd "$private/source"
  apt-get "${options[@]}" update </dev/null &&
    apt-get "${options[@]}" --download-only --only-source source cpp-httplib </dev/null &&
    dpkg-source --no-copy -x ./*.dsc ../unpacked
}

# Does nothing when it is there, or where the system itself has to have it.
get_httplib_source() {
  [[ -f $httplib_folder/httplib.h ]] && return 0
  local private line sources
  mapfile -t sources < <(httplib_sources)
  if [[ ${#sources[@]} -eq 0 ]]; then
    say "bootstrap: this is not Debian 12 with its own mirrors; freightd needs cpp-httplib 0.18.7" \
      "or newer from elsewhere (libcpp-httplib-dev, cpp-httplib), or -D FREIGHT_BUILD_FREIGHTD=OFF"
    return 0
  fi
  say "bootstrap: getting the source of cpp-httplib into ${httplib_folder#"$root"/}"
  private="$(mktemp -d)"
  for line in "${sources[@]}"; do
    (download_httplib "$private/try" "$line") >>"$private/log" 2>&1 && break
  done
  if [[ ! -f $private/try/unpacked/httplib.h ]]; then
    cat "$private/log" >&2
    rm -rf "$private"
    fail "could not get the source of cpp-httplib"
  fi
  mkdir -p "$(dirname "$httplib_folder")"
  rm -rf "$httplib_folder"
  mv "$private/try/unpacked" "$httplib_folder"
  rm -rf "$private"
}
