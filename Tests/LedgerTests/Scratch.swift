import Contract
import Files
import Glibc
import SystemPackage

@testable import Ledger

/// A folder that is gone when the test is.
final class Scratch {
  let path: FilePath

  init() throws {
    // Memory where there is some: what is tested is what is written when, and a disk's fsync only makes it slow.
    let folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    path = FilePath("\(folder)/popcornd-ledger-\(getpid())-\(UInt64.random(in: 0 ..< .max))")
    guard mkdir(path.string, 0o700) == 0 else { throw Errno(rawValue: errno) }
  }

  deinit { Scratch.remove(path) }

  func folder(_ name: String) throws -> Directory {
    let folder = path.appending(name)
    _ = mkdir(folder.string, 0o750)
    return try Directory(folder)
  }

  private static func remove(_ path: FilePath) {
    if let folder = try? Directory(path), let names = try? folder.names(), !isLink(path) {
      for name in names { remove(path.appending(name.components)) }
      rmdir(path.string)
    } else {
      unlink(path.string)
    }
  }

  private static func isLink(_ path: FilePath) -> Bool { readlinkLength(path) >= 0 }

  private static func readlinkLength(_ path: FilePath) -> Int {
    var buffer = [CChar](repeating: 0, count: 8)
    return readlink(path.string, &buffer, buffer.count)
  }
}

/// A ledger in a scratch folder, with a clock that ticks once a record.
final class Desk {
  let scratch: Scratch
  let state: StateDirectory
  let ledger: Ledger

  init(key: [UInt8]? = nil) throws {
    scratch = try Scratch()
    state = try StateDirectory(claiming: scratch.path.appending("state"))
    if let key { try DurableFile.write(key, as: "install.key", in: state.directory) }
    var tick: Int64 = 1_700_000_000_000
    ledger = try Ledger(state) {
      tick += 1
      return Timestamp(milliseconds: tick)
    }
  }
}

func digest(_ text: String) -> Digest { Digest(of: text.utf8) }

func scan(_ name: String, subject: String? = nil, session: String? = nil) -> NewCase {
  NewCase(
    subjectKey: subject ?? name, session: session, voxelDigest: digest("voxels \(name)"),
    inputDigest: digest("input \(name)"), canonicalDigest: digest("canonical \(name)"),
    geometry: GridGeometry(size: [4, 5, 6], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]), axisCodes: "RAS",
    contrast: .flair)
}

func label(_ name: String, rater: String = "", owner: UInt32 = 1000) -> NewLabel {
  NewLabel(
    rater: rater, digest: digest("mask \(name)"), inputDigest: digest("mask input \(name)"), owner: owner,
    foreground: 10)
}

func figures(_ name: String) -> MaskFigures {
  MaskFigures(
    maskDigest: digest("automatic \(name)").description, probabilityDigest: digest("probability \(name)").description,
    lesionCount: 3, voxelCount: 40, volumeMl: 0.04, largestMl: 0.02, meanProbability: 0.75,
    preparation: [PreparationStep(name: "axes", figures: ["flipped": 1])], warnings: [])
}

let worker = WorkerIdentity(version: "1", isa: "avx2", threads: 2, oneDNN: "2.6")

func result(_ outcome: CycleResult.Outcome, selecting labels: [String] = [], dice: Double = 0.6) -> CycleResult {
  CycleResult(
    outcome: outcome, words: "measured", model: "m", modelDigest: digest("model").description, optimizer: "o",
    latents: "l", gate: [CycleResult.Gate(id: "PSNHELD", before: 0.5, after: dice)],
    selections: labels.enumerated().map { index, label in
      CycleResult.Selection(
        proximity: ProximityFigures(id: label, sum: Double(index) + 0.25, nearest: []), step: 1, rank: index + 1,
        referenceMask: "r", mask: "m", figures: figures(label))
    }, incidents: [], optimizerSteps: 10, finalLoss: 0.3, worker: worker)
}

func selectionFiles(_ labels: [String]) -> [String: SelectionFiles] {
  Dictionary(
    uniqueKeysWithValues: labels.map {
      ($0, SelectionFiles(mask: digest("pseudo \($0)"), referenceMask: digest("reference \($0)")))
    })
}

/// What a folder's file holds; nil where there is none.
func text(_ name: FilePath, in folder: Directory) -> String? {
  guard let file = try? folder.open(name) else { return nil }
  defer { try? file.close() }
  return (try? BoundedReader.read(file, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
}

func write(_ text: String, as name: FilePath, in folder: Directory) throws {
  try DurableFile.write(Array(text.utf8), as: name, in: folder)
}

extension Desk {
  /// A second connection, as somebody with the file in hand would have.
  func stranger() throws -> Connection { try Connection(StateDirectory.ledgerPath(in: state.path), .owner) }
}
