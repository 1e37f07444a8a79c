#!/usr/bin/env bash
# Builds Flyball and the harness and runs it: bench/peers/run.sh MODE OPTION…   (what they are: bench/README.md)
set -euo pipefail
root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../..
cd "$root"
dotnet build build/product.proj -c Release -nologo -v quiet -p:CompileAhead=true -p:RunAnalyzers=false >&2
dotnet build bench/Flyball.Bench.Peers -c Release -nologo -v quiet -p:RunAnalyzers=false >&2
exec artifacts/bin/Flyball.Bench.Peers/release/Flyball.Bench.Peers "$@"
