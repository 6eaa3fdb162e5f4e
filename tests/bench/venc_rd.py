#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rate-distortion of the encode engine against x264, clip by clip.

  venc_rd.py --bench build/bench/venc_bench [options] CLIP.y4m ...

Both code with constant QP, I pictures at QP - 3, no B pictures, one key frame. The figure is the
Bjoentegaard rate difference over mean PSNR-Y: positive means the engine needs fewer bits.
"""
import argparse
import math
import re
import subprocess
import sys


def run_bench(args, clip, qp):
    cmd = [args.bench, '-q', str(qp), '-n', str(args.frames), '-t', str(args.threads)]
    out = subprocess.run(cmd + args.options.split() + [clip], check=True, capture_output=True,
                         text=True).stdout
    m = re.search(r'fps (\S+) kbps (\S+) psnr (\S+)', out)
    return float(m[2]), float(m[3]), float(m[1])


def run_x264(args, preset, clip, qp):
    cmd = ['x264', '--preset', preset, '--tune', 'psnr', '--bframes', '0', '--rc-lookahead', '0',
           '--keyint', 'infinite', '--no-scenecut', '--qp', str(qp), '--psnr', '--threads',
           str(args.threads), '--frames', str(args.frames), '-o', '/dev/null', clip]
    err = subprocess.run(cmd, check=True, capture_output=True, text=True).stderr
    m = re.search(r'PSNR Mean Y:(\S+).*kb/s:(\S+)', err)
    f = re.search(r'encoded \d+ frames, (\S+) fps', err)
    return float(m[2]), float(m[1]), float(f[1])


def slopes(x, y):
    """Monotone cubic (Fritsch-Carlson) derivatives."""
    n = len(x)
    d = [(y[i + 1] - y[i]) / (x[i + 1] - x[i]) for i in range(n - 1)]
    m = [d[0]] + [0.0 if d[i - 1] * d[i] <= 0 else 2 * d[i - 1] * d[i] / (d[i - 1] + d[i])
                  for i in range(1, n - 1)] + [d[-1]]
    return m


def value(x, y, m, at):
    i = max(k for k in range(len(x) - 1) if x[k] <= at or k == 0)
    h = x[i + 1] - x[i]
    t = (at - x[i]) / h
    return (y[i] * (1 + 2 * t) * (1 - t) ** 2 + m[i] * h * t * (1 - t) ** 2 +
            y[i + 1] * t * t * (3 - 2 * t) - m[i + 1] * h * t * t * (1 - t))


def bd_rate(reference, test):
    """Percent of bits `test` saves at equal PSNR, over the common range."""
    curves = []
    for points in (reference, test):
        points = sorted((p[1], math.log(p[0])) for p in points)
        x, y = [p[0] for p in points], [p[1] for p in points]
        curves.append((x, y, slopes(x, y)))
    lo = max(c[0][0] for c in curves)
    hi = min(c[0][-1] for c in curves)
    if hi <= lo:
        return float('nan')
    steps = 200
    diff = 0.0
    for i in range(steps):
        at = lo + (hi - lo) * (i + 0.5) / steps
        diff += value(*curves[1], at) - value(*curves[0], at)
    return -100 * (math.exp(diff / steps) - 1)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument('--bench', required=True)
    p.add_argument('--options', default='', help='passed to venc_bench')
    p.add_argument('--presets', default='superfast,veryfast')
    p.add_argument('--qps', default='22,27,32,37,42')
    p.add_argument('--frames', type=int, default=60)
    p.add_argument('--threads', type=int, default=2)
    p.add_argument('--cache', help='file of x264 results to reuse')
    p.add_argument('clips', nargs='+')
    args = p.parse_args()
    qps = [int(q) for q in args.qps.split(',')]
    presets = args.presets.split(',')
    cache = {}
    if args.cache:
        try:
            with open(args.cache) as f:
                cache = {tuple(l.split()[:4]): tuple(map(float, l.split()[4:])) for l in f}
        except FileNotFoundError:
            pass
    total = {preset: [] for preset in presets}
    for clip in args.clips:
        own = [run_bench(args, clip, q) for q in qps]
        line = f'{clip.split("/")[-1]:36}'
        for preset in presets:
            ref = []
            for q in qps:
                key = (clip, preset, str(q), str(args.frames))
                if key not in cache:
                    cache[key] = run_x264(args, preset, clip, q)
                ref.append(cache[key])
            bd = bd_rate(ref, own)
            total[preset].append(bd)
            line += f' {preset} {bd:+6.2f} %'
        print(line, ' fps', ' '.join(f'{o[2]:.0f}' for o in own), flush=True)
    print(f'{"mean":36}', ' '.join(f'{k} {sum(v) / len(v):+6.2f} %' for k, v in total.items()))
    if args.cache:
        with open(args.cache, 'w') as f:
            for k, v in cache.items():
                f.write(' '.join(k) + ' ' + ' '.join(map(str, v)) + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
