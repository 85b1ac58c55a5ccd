"""Which names a file of a program may have in a folder of the user's."""

from __future__ import annotations

from pathlib import Path

import pytest
from mcp_sdkgen.cli.running import obeyed as module
from mcp_sdkgen.cli.running.obeyed import obeyed

_OBEYED = """
    .git/config a/.vscode/tasks.json .mcp.json mcp.json PyProject.toml \uff4dcp.json GNUmakefile
    a._pth HEAD a/head binding.gyp gulpfile.js vite.config.mts node_modules/a.js Pipfile Snakefile
    pipfile.lock tsconfig.build.json test_a.py a_test.py mcp\u200b.json mcp.json::$DATA
    PYPROJ~1.TOM a\\b.txt run.cmd a.lnk sitecustomize.py a/b/usercustomize.py sitecustomize.so
    sitecustomize.abi3.so usercustomize.pyd sitecustomize.cpython-313-x86_64-linux-gnu.so
    sitecustomize/__init__.py conftest.pyc setup.py numpy/core.py
    re.cpython-311-x86_64-linux-gnu.so mcp_sdkgen_runtime.py weather_sdk/client.py weather_sdk.py
    gunicorn.conf.py jupyter_notebook_config.py manage.py noxfile.py Taskfile.dist.yml
    taskfile.yaml Makefile.inc makefile.am Dockerfile.prod Containerfile compose.override.yaml
    docker-compose.dev.yml docker-compose-test.yaml BUILD BUILD.bazel WORKSPACE MODULE.bazel
    lib.bzl CMakeLists.txt meson.build SConstruct PKGBUILD Vagrantfile Tiltfile package.json
    deno.jsonc tsconfig.json turbo.json lerna.json biome.json angular.json nest-cli.json
    rust-toolchain.toml Cargo.toml go.mod build.rs uv.lock requirements.txt requirements-dev.txt
    dev-requirements.txt constraints.txt pdm.toml pixi.toml ruff.toml mise.toml mise.local.toml
    skaffold.yaml kustomization.yaml Chart.yaml pulumi.yaml serverless.yml wrangler.toml
    vercel.json azure-pipelines.yml bitbucket-pipelines.yml appveyor.yml cloudbuild.yaml
    action.yml AGENTS.md agents.override.md CLAUDE.md CLAUDE.local.md GEMINI.md SKILL.md
    review.prompt.md a.instructions.md opencode.json nginx.conf httpd.conf _vimrc latexmkrc
    cpanfile browserslist
"""
OBEYED = _OBEYED.split()
_PLAIN = """
    report.md data.json table.csv chart.png notes.txt out.html index.html main.py calendar/may.csv
    a/b.py json notes.md profile.csv heads.txt result.json results.json output.txt summary.md
    summary.txt analysis.ipynb figure.svg plot.pdf image.jpg photo.jpeg diagram.webp audio.wav
    video.mp4 archive.zip backup.tar.gz rows.parquet sheet.xlsx letter.docx slides.pptx users.tsv
    log.txt errors.log query.sql style.css page.htm feed.xml map.geojson points.kml model.onnx
    weights.safetensors matrix.npy frame.feather dump.sqlite contacts.vcf events.ics poem.tex
    refs.bib readme.md README.md changes.diff script.sh lib/util.py issues.json issue-12.md
    2026-08-31.csv weather_oslo.json orders.jsonl stats.yaml prices.toml invoice.pdf cover.gif
    openapi.json messages.json resume.json translations.po glossary.yaml LICENSE
"""
PLAIN = _PLAIN.split()


@pytest.mark.parametrize("name", [*OBEYED, "pyproject.toml. ", "Makefile ", "compose.yaml."])
def test_a_name_is_judged_as_any_file_system_may_read_it(name: str) -> None:
    assert obeyed(name)


def test_ordinary_names_are_free() -> None:
    assert len(PLAIN) > 60
    assert {name: why for name in PLAIN if (why := obeyed(name))} == {}


def test_names_of_other_programs_are_those_that_maintained_lists_have() -> None:
    text = (Path(module.__file__).parent / "obeyed_names.txt").read_text()
    assert "Apache-2.0, https://github.com/SchemaStore/schemastore" in text
    assert "MIT, https://github.com/github-linguist/linguist" in text
    names = [name for line in text.splitlines() if line[0] != "#" for name in line.split()]
    assert len(names) > 1000
    assert names == sorted({*names})
    assert not [name for name in names if not obeyed(name.replace("*", "x"))]
