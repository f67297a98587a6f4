import Contract
import Engine
import Files
import Glibc
import Imaging
import Popcorn
import SystemPackage
import Testing

@testable import popcorn

/// What `popcorn segment` refuses before it computes.
@Suite struct SegmentCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("popcorn-segment-command") }

  /// A network of width 8 whose file says more.
  private func model(_ metadata: [String: String] = [:]) throws -> String {
    let path = folder.file("model.safetensors")
    let network = try UNet(on: CPU(), shape: UNetShape(width: 8), seed: 3)
    try writeDurably(network.parameters.safetensors(metadata: metadata), to: path)
    return path
  }

  private func scan() throws -> String {
    let path = folder.file("scan.nii.gz")
    let size = GridSize(24, 24, 24)
    let image = Image(
      volume: Volume<Float>(size: size, repeating: 1),
      geometry: GridGeometry(size: size.list, affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
    try writeDurably(NiftiFile.encode(scan: image.volume, like: image.header), to: path)
    return path
  }

  /// The code that the program exits with.
  private func end(_ words: [String]) throws -> String {
    let command = try SegmentCommand.parse(
      ["--model", try model(), try scan(), folder.file("out.nii.gz"), "--replace"] + words)
    do {
      try command.run()
      return "0"
    } catch {
      return "\(error)"
    }
  }

  /// With windows of 8 voxels every 9 a voxel between them would have a probability that nobody computed.
  @Test func noVoxelIsLeftUnseen() throws {
    #expect(try end(["--raw", "--patch", "8", "--stride", "9"]).contains("rawValue: 2)"))
    #expect(try end(["--raw", "--patch", "8", "--stride", "8"]) == "0")
  }

  /// What is written second would replace the first.
  @Test func maskAndProbabilityAreTwoFiles() throws {
    #expect(try end(["--probability", folder.file("./out.nii.gz")]).contains("rawValue: 2)"))
  }

  /// In a data folder the mask has the name of the expert's.
  @Test func whatIsThereIsReplacedOnlyWhereThatIsAsked() throws {
    let drawn = folder.file("scan_mask.nii.gz")
    try writeDurably(Array("an expert's".utf8), to: drawn)
    let words = ["--model", try model(), try scan(), "--raw", "--patch", "8"]
    for more in [[drawn], [folder.file("new.nii.gz"), "--probability", drawn]] {
      #expect(throws: (any Error).self) { try SegmentCommand.parse(words + more).run() }
      #expect(try BoundedReader.read(FilePath(drawn)) == Array("an expert's".utf8))
    }
    try SegmentCommand.parse(words + [drawn, "--replace"]).run()
    #expect(try BoundedReader.read(FilePath(drawn)) != Array("an expert's".utf8))
    try SegmentCommand.parse(words + ["/dev/null"]).run()
  }

  /// What --raw would take no notice of.
  @Test func rawMakesNoMask() throws {
    for words in [["--threshold", "0.4"], ["--floor", "3"], ["--brain", "nowhere.nii.gz"]] {
      #expect(throws: (any Error).self, "\(words)") { try end(["--raw", "--patch", "8"] + words) }
    }
  }

  @Test func aPatchHasAnEdgeThatMemoryHolds() throws {
    for patch in ["4000", "520", "0", "-8", "12"] {
      #expect(throws: (any Error).self, "\(patch)") {
        try SegmentCommand.parse(["--model", "m", "scan", "out", "--patch", patch])
      }
    }
    for patch in ["8000000", "520", "9223372036854775800", "0"] {
      let path = try model(["patch": patch])
      #expect(throws: Fault.self, "\(patch)") { try ModelUse(try Models.file(path), path: path) }
    }
    let path = try model(["patch": "512"])
    #expect(try ModelUse(try Models.file(path), path: path).patchSize == 512)
  }
}
