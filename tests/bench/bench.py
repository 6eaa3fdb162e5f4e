#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Quality and speed of the stack beside x264, measured in one run.

quality: rate-distortion curves at fixed QPs in low-delay settings (no B pictures, no look-ahead, one
         IDR picture), PSNR-Y measured by FFmpeg on the decoded streams, Bjontegaard deltas.
speed:   whole-process time of stock FFmpeg with h264_vaapi on the simulated card, and with libx264,
         in turn, several times.
jobs:    cost of an empty job, and of copies, through a queue of the in-process card, and of one in
         another process (slcard).
kernel:  the kernel driver's path, in a virtual machine (docs/vm.md): empty jobs with and without system
         calls, buffer objects, pictures. Not among the default parts.
rtl:     the chip in RTL (docs/rtl.md) in its own cycles: jobs, copies, translation; and how fast cycles go.
         Not among the default parts.

Results are printed and left in $BUILD/bench: quality.json, speed.json, rd.svg; rtl.json, rtl-copies.svg.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

QPS = (22, 26, 30, 34, 38)
X264_LOW_DELAY = ["--tune", "psnr", "--bframes", "0", "--rc-lookahead", "0", "--sync-lookahead", "0",
                  "--keyint", "infinite", "--no-scenecut"]
COLOURS = {"sl200": "tab:red", "superfast": "tab:blue", "veryfast": "tab:green", "medium": "tab:gray"}


def run(command, **kwargs):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, **kwargs)
    if done.returncode:
        sys.exit(f"bench: {' '.join(str(c) for c in command)}\n{done.stderr[-2000:]}")
    return done


def make_clips(media, folder):
    """The quality set, decoded once from the test media; without them, two rendered clips."""
    script = media / "make_sources.sh"
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "complete").exists():
        pass
    elif script.exists():
        print(f"bench: decoding the clips of {media} into {folder} (about 2 GB, once)", flush=True)
        run(["bash", script, media, folder])
        (folder / "complete").touch()
    else:
        print(f"bench: no test media at {media}: measuring on rendered clips only", flush=True)
        for name, source in {"mandelbrot": "mandelbrot=size=640x360:rate=25",
                             "testsrc": "testsrc2=size=640x360:rate=25"}.items():
            run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, "-frames:v", "60",
                 "-pix_fmt", "yuv420p", folder / f"{name}_640x360_60f.y4m"])
        (folder / "complete").touch()
    return sorted(folder.glob("*.y4m"))


def measure(stream, clip, frames):
    """(kbit/s, PSNR-Y) of a coded stream against its source, by FFmpeg."""
    probe = json.loads(run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
                            "stream=r_frame_rate,nb_read_packets", "-count_packets", "-of", "json", clip]).stdout)
    rate_num, rate_den = map(int, probe["streams"][0]["r_frame_rate"].split("/"))
    count = min(frames, int(probe["streams"][0]["nb_read_packets"]))
    log = run(["ffmpeg", "-v", "info", "-nostdin", "-i", stream, "-i", clip, "-lavfi",
               f"[0:v]setpts=N/TB[a];[1:v]trim=end_frame={count},setpts=N/TB[b];[a][b]psnr",
               "-f", "null", "-"]).stderr
    psnr = float(re.search(r"PSNR y:(\S+)", log)[1])
    return stream.stat().st_size * 8 * rate_num / rate_den / count / 1000, min(psnr, 100.0)


def bd_rate(anchor, test):
    """Bjontegaard delta rate in percent, piecewise cubic: negative, test needs fewer bits."""
    import numpy
    from scipy.interpolate import PchipInterpolator

    def curve(points):
        points = sorted((psnr, rate) for rate, psnr in points)
        return [p for p, _ in points], [numpy.log10(r) for _, r in points]
    (pa, ra), (pt, rt) = curve(anchor), curve(test)
    low, high = max(pa[0], pt[0]), min(pa[-1], pt[-1])
    if high <= low:
        return float("nan")
    a = PchipInterpolator(pa, ra).integrate(low, high)
    t = PchipInterpolator(pt, rt).integrate(low, high)
    return float((10 ** ((t - a) / (high - low)) - 1) * 100)


def quality(build, clips, frames, presets):
    out = build / "bench"
    stream = out / "stream.264"
    results = {}
    print(f"\nQuality: BD-rate of the SL200 encoder, PSNR-Y, first {frames} frames, QP {QPS}, low delay")
    print(f"{'clip':34}" + "".join(f"{'vs ' + p:>16}" for p in presets), flush=True)
    for clip in clips:
        curves = {}
        for qp in QPS:
            run([build / "bin/slenc", "--device", "sim:", "--quiet", "--qp", qp, "--keyint", "infinite",
                 "--frames", frames, "-o", stream, clip])
            curves.setdefault("sl200", []).append(measure(stream, clip, frames))
            for preset in presets:
                run(["x264", "--quiet", "--preset", preset, *X264_LOW_DELAY, "--qp", qp, "--frames",
                     frames, "-o", stream, clip])
                curves.setdefault(preset, []).append(measure(stream, clip, frames))
        deltas = {p: bd_rate(curves[p], curves["sl200"]) for p in presets}
        results[clip.stem] = {"curves": curves, "bd_rate": deltas}
        print(f"{clip.stem:34}" + "".join(f"{deltas[p]:>14.1f} %" for p in presets), flush=True)
    stream.unlink(missing_ok=True)
    means = {p: statistics.mean(r["bd_rate"][p] for r in results.values()) for p in presets}
    print(f"{'mean':34}" + "".join(f"{means[p]:>14.1f} %" for p in presets))
    print("(negative: fewer bits than x264 at equal PSNR-Y)")
    (out / "quality.json").write_text(json.dumps(results, indent=1))
    plot_quality(results, presets, out / "rd.svg")


def plot_quality(results, presets, path):
    import matplotlib
    matplotlib.use("svg")
    from matplotlib import pyplot, ticker
    matplotlib.rcParams["svg.fonttype"] = "none"
    columns = 4
    rows = -(-len(results) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(4 * columns, 3 * rows), squeeze=False)
    for axis in axes.flat[len(results):]:
        axis.remove()
    for axis, (clip, result) in zip(axes.flat, results.items()):
        for name in ("sl200", *presets):
            rates, psnrs = zip(*sorted(result["curves"][name]))
            axis.plot(rates, psnrs, "o-", ms=3, lw=1, color=COLOURS.get(name),
                      label=name if name == "sl200" else f"x264 {name}")
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
        axis.xaxis.set_minor_formatter(ticker.NullFormatter())
        axis.set_title(clip, fontsize=8)
        axis.tick_params(labelsize=6)
        axis.grid(alpha=0.3)
    axes[0][0].legend(fontsize=6)
    figure.supxlabel("kbit/s", fontsize=8)
    figure.supylabel("PSNR-Y, dB", fontsize=8)
    figure.tight_layout()
    figure.savefig(path)
    print(f"plot: {path}")


def speed(build, clips, media, runs):
    """Whole-process frames a second through FFmpeg, in turn with x264 medium."""
    named = {c.stem.split("_1280")[0]: c for c in clips}
    cases = []
    sintel = media / "src/sintel_trailer_720p_first14s.mp4"
    if sintel.exists():
        cases.append(("sintel 1280x720", ["-i", sintel], 338))
    if "ducks_take_off" in named:
        cases.append(("ducks_take_off 1280x720", ["-stream_loop", "9", "-i", named["ducks_take_off"]], 100))
    if not cases:
        cases.append((clips[0].stem, ["-stream_loop", "4", "-i", clips[0]], 60))
    out = build / "bench"
    results = {}
    print(f"\nSpeed through FFmpeg, QP 26, default quality, {os.cpu_count()} processors, median of {runs}")
    print(f"{'clip':26}{'h264_vaapi':>12}{'x264 medium':>13}{'ratio':>8}{'kbit/s':>9}{'x264':>8}", flush=True)
    for name, source, frames in cases:
        base = ["ffmpeg", "-v", "error", "-nostdin", "-y"]
        tail = ["-an", "-frames:v", str(frames)]
        commands = {
            "h264_vaapi": [build / "bin/slrun", "--", *base, "-vaapi_device", "/dev/dri/renderD128",
                           *source, *tail, "-vf", "hwupload", "-c:v", "h264_vaapi", "-qp", "26",
                           "-bf", "0", "-g", "250", out / "speed.mp4"],
            "x264 medium": [*base, *source, *tail, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset",
                            "medium", "-qp", "26", "-g", "250", out / "speed.mp4"],
        }
        fps = {c: [] for c in commands}
        rates = {}
        for _ in range(runs):
            for codec, command in commands.items():
                began = time.monotonic()
                run(command)
                fps[codec].append(frames / (time.monotonic() - began))
                rates[codec] = int(run(["ffprobe", "-v", "error", "-show_entries", "format=bit_rate", "-of",
                                        "csv=p=0", out / "speed.mp4"]).stdout) / 1000
        ours, x264 = (statistics.median(fps[c]) for c in commands)
        ratio = statistics.median(a / b for a, b in zip(*fps.values()))
        results[name] = {"fps": fps, "kbps": rates, "ratio": ratio}
        print(f"{name:26}{ours:>12.1f}{x264:>13.1f}{ratio:>8.2f}{rates['h264_vaapi']:>9.0f}{rates['x264 medium']:>8.0f}",
              flush=True)
    (out / "speed.mp4").unlink(missing_ok=True)
    (out / "speed.json").write_text(json.dumps(results, indent=1))


@contextlib.contextmanager
def card_process(build):
    """A card in a process of its own; its SL_DEVICE."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "card")
        ready, tell = os.pipe()
        card = subprocess.Popen([build / "bin/slcard", "--socket", path, "--ready-fd", str(tell)],
                                pass_fds=[tell], stdout=subprocess.DEVNULL)
        os.close(tell)
        try:
            if not os.read(ready, 1):
                sys.exit("bench: slcard did not start")
            yield f"sim:{path}"
        finally:
            os.close(ready)
            card.terminate()
            card.wait()


def jobs(build):
    def measure_jobs(device):
        print(run([build / "bench/queue_bench"], env={**os.environ, "SL_DEVICE": device}).stdout, end="", flush=True)

    print("\nJobs through one queue of the in-process card", flush=True)
    measure_jobs("sim:")
    print("\nJobs through one queue of a card in another process, over its socket", flush=True)
    with card_process(build) as device:
        measure_jobs(device)


def kernel(build, version):
    """drm_bench in a guest, with the stack laid out as packages would."""
    source = pathlib.Path(__file__).resolve().parents[2]
    results = build / "bench/kernel"
    stage = results / "stage"
    make = ["make", "--no-print-directory", "-C", source, f"BUILD={build}"]
    headers = subprocess.run([source / "sim/vm/vm.py", "headers", "--kernel", version],
                             stdout=subprocess.PIPE, text=True, check=False)
    if headers.returncode:
        sys.exit("bench: no virtual machine on this machine: see above")
    kdir, *kroot = headers.stdout.split()
    shutil.rmtree(results, ignore_errors=True)
    run([*make, build / "bench/drm_bench"])
    module = pathlib.Path(run([*make, "driver", f"KDIR={kdir}", f"KROOT={''.join(kroot)}"]).stdout.split()[-1])
    run([*make, "install", f"DESTDIR={stage}", "PREFIX=/usr", "LIBDIR=/usr/lib/x86_64-linux-gnu"])
    for path, place in ((build / "firmware/sl200.fw", "firmware/sl200"),
                        (module, f"modules/{module.parent.name}/updates")):
        (stage / "usr/lib" / place).mkdir(parents=True)
        shutil.copy(path, stage / "usr/lib" / place)
    print(f"\nThe kernel driver's path, in a guest of Linux {version}", flush=True)
    guest = subprocess.run([source / "sim/vm/vm.py", "run", "--kernel", version, "--build", build, "--results", results,
                            "--timeout", "900", "--", "sh", "-c", "card-up && /sl/build/bench/drm_bench"],
                           stdin=subprocess.DEVNULL, check=False)
    if guest.returncode:
        sys.exit(f"bench: the guest's program ended with {guest.returncode}; logs are in {results}")


def rtl(build, every):
    """rtl_bench on the chip in RTL, and a plot of its copies."""
    source = pathlib.Path(__file__).resolve().parents[2]
    path = build / "bench/rtl.json"
    run([source / "tools/deps.sh", "rtl"])
    run(["make", "--no-print-directory", "-C", source, f"BUILD={build}", "rtl", build / "bench/rtl_bench"])
    print("\nThe chip in RTL", flush=True)
    command = [build / "bench/rtl_bench", *(["--all"] if every else []), path]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SL_")}
    if (done := subprocess.run(command, stdin=subprocess.DEVNULL, env=environment, check=False)).returncode:
        sys.exit(f"bench: rtl_bench ended with {done.returncode}")
    plot_rtl(json.loads(path.read_text()), build / "bench/rtl-copies.svg")


def plot_rtl(results, path):
    import matplotlib
    matplotlib.use("svg")
    from matplotlib import pyplot
    matplotlib.rcParams["svg.fonttype"] = "none"
    matplotlib.rcParams["svg.hashsalt"] = "sl200"
    figure, axis = pyplot.subplots(figsize=(7, 4))
    ceiling = results["copy_ceiling"]
    for queues in sorted({c["queues"] for c in results["copies"]}):
        points = [(c["bytes"], 100 * c["bytes_a_cycle"] / ceiling)
                  for c in results["copies"] if c["queues"] == queues]
        axis.plot(*zip(*points), "o-", ms=3, lw=1, label=f"{queues} queue{'s' * (queues > 1)}")
    axis.set_xscale("log", base=2)
    sizes = sorted({c["bytes"] for c in results["copies"]})
    axis.set_xticks(sizes, [f"{s >> 20} MiB" if s >= 1 << 20 else f"{s >> 10} KiB" if s >= 1024 else f"{s} B"
                            for s in sizes])
    axis.tick_params(labelsize=7)
    axis.grid(alpha=0.3)
    axis.legend(fontsize=7)
    axis.set_xlabel("bytes of a copy from host to card memory", fontsize=8)
    axis.set_ylabel(f"percent of the link's {ceiling:g} bytes a cycle", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    print(f"plot: {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["quality", "speed", "jobs"], metavar="PART",
                        help="quality, speed, jobs (default: these), kernel, rtl")
    parser.add_argument("--frames", type=int, default=int(os.environ.get("BENCH_FRAMES", 60)),
                        help="frames of each clip for quality (60)")
    parser.add_argument("--runs", type=int, default=3, help="repetitions for speed (3)")
    parser.add_argument("--clips", default="", help="only clips whose name contains this")
    parser.add_argument("--kernel", default="6.1", help="kernel of the guest: 6.1 (default), 6.12, 7.3, debug")
    parser.add_argument("--presets", default="superfast,veryfast,medium", help="x264 presets to compare with")
    parser.add_argument("--all", action="store_true", help="rtl: also the copies that take minutes")
    args = parser.parse_args()
    build = pathlib.Path(os.environ.get("BUILD", "build")).resolve()
    media = pathlib.Path(os.environ.get("SL_MEDIA", "../shared/media")).resolve()
    (build / "bench").mkdir(parents=True, exist_ok=True)
    if unknown := set(args.parts) - {"quality", "speed", "jobs", "kernel", "rtl"}:
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")
    clips = []
    if set(args.parts) & {"quality", "speed"}:
        clips = [c for c in make_clips(media, build / "bench/clips") if args.clips in c.name]
        if not clips:
            parser.error(f"no clip's name contains '{args.clips}'")
    if "jobs" in args.parts:
        jobs(build)
    if "kernel" in args.parts:
        kernel(build, args.kernel)
    if "rtl" in args.parts:
        rtl(build, args.all)
    if "speed" in args.parts:
        speed(build, clips, media, args.runs)
    if "quality" in args.parts:
        quality(build, clips, args.frames, args.presets.split(","))


if __name__ == "__main__":
    main()
