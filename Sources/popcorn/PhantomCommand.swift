import ArgumentParser
import Contract
import Files
import Imaging
import Phantom
import SystemPackage
import Terminal

/// `popcorn phantom`: a cohort with known truth.
struct PhantomCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phantom", abstract: "Write a cohort of brain phantoms with known lesions.",
    discussion: """
      The folder has labeled/, unlabeled/ and test/ as `popcorn train` and `popcorn study` read them, the pool's truth \
      apart in truth/unlabeled/, and phantom.json with what each scan is. The same options give the same bytes.
      """)

  @Option(help: "Folder to write; made where it is not there. A cohort in it is never replaced.")
  var out: String
  @Option(help: "Labeled scans, all of one scanner.")
  var labeled = 5
  @Option(help: "Scans of the pool, over graded scanners.")
  var unlabeled = 20
  @Option(help: "Test scans, over all scanners.")
  var test = 8
  @Option(help: "Number that everything random follows from.")
  var seed: UInt64 = 1
  @Option(help: "easy, middle or hard.")
  var difficulty = "middle"
  @Option(
    help:
      "Scans of the pool with hyperintensities that are not MS: drawn (a share by difficulty), none or all. All else of a scan stays."
  )
  var poolMimics = PhantomCohort.PoolMimics.drawn
  @Option(help: "Edge of a voxel in mm, 0.5 to 8.")
  var spacing = 2.0
  @Option(help: "Voxels of the grid, 91x109x91 or 91,109,91; 180 x 216 x 180 mm where not given.")
  var size: GridArgument?
  @Flag(help: "Print phantom.json.")
  var json = false

  func validate() throws {
    guard Difficulty.named(difficulty) != nil else {
      let names = Difficulty.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--difficulty \(difficulty) is none of \(names)")
    }
    guard min(labeled, unlabeled, test) >= 0, max(labeled, unlabeled, test) <= 9999 else {
      throw ValidationError("--labeled, --unlabeled and --test take 0 to 9999 scans")
    }
    guard labeled + unlabeled + test > 0 else { throw ValidationError("a cohort of no scan is none") }
    guard spacing >= 0.5, spacing <= 8 else { throw ValidationError("--spacing \(spacing) is not in 0.5 to 8 mm") }
    if let size, !size.size.allSatisfy({ 8...512 ~= $0 }) {
      throw ValidationError("--size \(size.defaultValueDescription): 8 to 512 voxels each are needed")
    }
  }

  func run() throws {
    guard let difficulty = Difficulty.named(difficulty) else { return }
    var cohort = PhantomCohort(
      labeled: labeled, unlabeled: unlabeled, test: test, seed: seed, difficulty: difficulty, spacing: spacing,
      size: size.map { GridSize($0.size[0], $0.size[1], $0.size[2]) })
    cohort.poolMimics = poolMimics
    do {
      let report = try PhantomFolder.write(cohort, to: FilePath(out)) { scan in
        if !json { try standardOutput(PhantomCommand.line(scan)) }
      }
      if json {
        try standardOutput(String(decoding: try report.json, as: UTF8.self), terminator: "")
      } else {
        try standardOutput(
          "\(report.scans.count) scans, difficulty \(report.difficulty), seed \(report.seed), in \(out)")
        try standardOutput("parameters \(report.hash)")
      }
    } catch let fault as FileFault {
      let advice = fault.errno == .fileExists ? "; name another folder with --out" : ""
      throw complaint("popcorn phantom: \(fault)\(advice)", .cannotCreate)
    }
  }

  static func line(_ scan: PhantomReport.Scan) -> String {
    let others =
      scan.otherHyperintensities.isEmpty ? "" : ", also \(scan.otherHyperintensities.joined(separator: ", "))"
    return "\(scan.name)  \(scan.role.rawValue), scanner \(scan.scanner): \(scan.lesions) lesions, "
      + "\(scan.lesionVoxels) voxels; best threshold's Dice \(scan.bestThresholdDice.decimals(2))\(others)"
  }
}

extension PhantomCohort.PoolMimics: ExpressibleByArgument {}
