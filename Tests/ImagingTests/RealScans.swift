import Contract
import Files
import Glibc
import Imaging
import SystemPackage
import Testing

/// The folder of real scans, where there is one: `labeled/`, `unlabeled/`, `brainmasks/` as `popcorn train` has them.
private let realData: FilePath? = getenv("POPCORN_REAL_DATA").map { FilePath(String(cString: $0)) }

@Suite(.enabled(if: realData != nil, "skipped: POPCORN_REAL_DATA names no folder of real scans"))
struct RealScans {
  private let preparation = Preparation(settings: PreparationSettings())

  private func image(_ name: String) throws -> Image {
    let path = try #require(realData).appending(name)
    return try NiftiFile.decode(try BoundedReader.read(path))
  }

  @Test(arguments: ["catania-P14-t1", "catania-P39-t1", "ljubljana-19", "ljubljana-26"])
  func aTemplateScanIsMovedByWholeVoxels(name: String) throws {
    let scan = try image("labeled/\(name)_FLAIR.nii.gz")
    let mask = try image("labeled/\(name)_mask.nii.gz")
    let prepared = try preparation.prepare(scan)
    let placement = try #require(prepared.steps.first { $0.name == "placement" }).figures
    #expect(placement["resampled"] == 0)
    let ml = try #require(placement["brain_ml"])
    #expect((1000...2000).contains(ml), "\(ml) ml of brain")
    let intensity = try #require(prepared.steps.first { $0.name == "intensity" }).figures
    let (peak, top) = (try #require(intensity["peak"]), try #require(intensity["percentile_99"]))
    #expect(peak > 0.3 * top && peak < 0.95 * top, "peak \(peak), 99th percentile \(top)")
    let placed = try preparation.placeMask(mask, in: prepared)
    let back = prepared.restore(probability: placed.floats)
    #expect(back.mask(above: 0.5) == mask.volume.mask(above: 0.5))
  }

  @Test(arguments: [
    "labeled/tabriz-01", "labeled/tabriz-05", "unlabeled/ljubljana-L01-s1", "unlabeled/ljubljana-L09-s2",
  ])
  func aNativeScanWithItsBrainMaskIsPlaced(name: String) throws {
    let scan = try image("\(name)_FLAIR.nii.gz")
    let stem = name.split(separator: "/")[1]
    let prepared = try preparation.prepare(scan, brain: try image("brainmasks/\(stem)_brainmask.nii.gz"))
    let ml = try #require(prepared.steps.first { $0.name == "placement" }?.figures["brain_ml"])
    #expect((1000...2000).contains(ml), "\(ml) ml of brain")
    guard name.hasPrefix("labeled") else { return }
    let mask = try image("\(name)_mask.nii.gz").volume.mask(above: 0.5)
    let placed = try preparation.placeMask(try image("\(name)_mask.nii.gz"), in: prepared)
    let back = prepared.restore(probability: placed.floats).mask(from: 0.5)
    let both = zip(mask.values, back.values).reduce(0) { $0 + Int($1.0 & $1.1) }
    let dice = 2 * Double(both) / Double(mask.total + back.total)
    #expect(dice > 0.9, "there and back, Dice \(dice)")
  }
}
