// SPDX-License-Identifier: Apache-2.0
//
// Runs the search that `bisect` uses on simulated histories with a known culprit, and prints a line for each row.
// `Benchmarks/bisection` calls it and compares it with other tools.
//
// usage: simulate-searches [--trials N] [--seed N] [--only TEXT]
//        simulate-searches --fates COUNT FLAKE SEED    one line for each search: fate, culprit, builds, right

import CanaryBisection
import CanaryModel
import Foundation
import Simulation

func stop(_ text: String) -> Never {
    FileHandle.standardError.write(Data("simulate-searches: \(text)\n".utf8))
    exit(2)
}

func figure(_ value: Double, _ digits: Int = 1) -> String { String(format: "%.\(digits)f", value) }

func row(_ columns: [String]) {
    let widths = [52, 8, 8, 7, 5, 8, 8, 7]
    let cells = zip(columns, widths).map { cell, width in
        width == widths[0]
            ? cell.padding(toLength: width, withPad: " ", startingAt: 0)
            : String(repeating: " ", count: max(1, width - cell.count)) + cell
    }
    print(cells.joined() + "  " + columns.dropFirst(widths.count).joined())
}

/// Searches of worlds that other tools search too: 512 commits, rates not stated.
func fates(_ count: Int, flake: Double, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<count {
        var world = World.line(512, flake: flake, &random)
        let fate = random.next()
        world.fate = fate
        guard case .culprit(let culprit) = world.truth else { continue }
        var builder = Builder(world, &random)
        let search = builder.conduct(Search(world.range, rates: SearchRates(), options: SearchOptions()))
        print(fate, culprit, builder.total, world.isRight(search.verdict) ? 1 : 0)
    }
}

var arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "--fates" {
    guard arguments.count == 4, let count = Int(arguments[1]), let flake = Double(arguments[2]),
        let seed = UInt64(arguments[3])
    else { stop("expected --fates COUNT FLAKE SEED") }
    fates(count, flake: flake, seed: seed)
    exit(0)
}
var (trials, seed, only) = (2000, UInt64(1), "")
while let option = arguments.first {
    guard arguments.count > 1 else { stop("\(option) needs a value") }
    switch (option, Int(arguments[1])) {
    case ("--trials", let count?) where count > 0: trials = count
    case ("--seed", let number?) where number >= 0: seed = UInt64(number)
    case ("--only", _): only = arguments[1]
    default: stop("\(option) \(arguments[1]): expected --trials N, --seed N or --only TEXT")
    }
    arguments.removeFirst(2)
}

print("seed \(seed), \(trials) searches a row; a figure after / is the limit")
row(["", "right", "blamed", "mean", "p95", "naming", "rounds", "gap"])
var missed = 0
for entry in Row.all where only.isEmpty || entry.name.contains(only) {
    let tally = Tally(entry, trials: max(20, Int(Double(trials) * entry.share)), seed: seed)
    let failures = tally.missed(entry)
    missed += failures.isEmpty ? 0 : 1
    row([
        entry.name, figure(100 * tally.share, 2), figure(100 * tally.blame, 2), figure(tally.mean, 2),
        "\(tally.tail)", figure(tally.namingMean, 2), figure(tally.roundsMean, 2), figure(100 * tally.gap, 2),
        failures.isEmpty ? "" : "missed: " + failures.joined(separator: ", "),
    ])
}
exit(missed == 0 ? 0 : 1)
