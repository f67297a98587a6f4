import Files
import FoundationEssentials
import Imaging
import SystemPackage

/// A data folder with a cohort in it: `labeled/NAME_FLAIR.nii.gz` and `labeled/NAME_mask.nii.gz`, `unlabeled/` (whose
/// masks lie apart in `truth/unlabeled/`, for measurement only), `test/`, and `phantom.json`.
public enum PhantomFolder {
  /// Draws the cohort and writes it into the folder at `path`, which is made where it is not there. Nothing that is there
  /// is replaced: throws `EEXIST` where the folder holds a cohort. `progress` hears of every scan as it is written.
  public static func write(
    _ cohort: PhantomCohort, to path: FilePath, progress: (PhantomReport.Scan) throws -> Void = { _ in }
  ) throws -> PhantomReport {
    let folder = try open(making: path)
    guard try folder.names().allSatisfy({ $0 != "phantom.json" }) else {
      throw FileFault("make", path.appending("phantom.json"), .fileExists)
    }
    var report = PhantomReport(cohort)
    for plan in cohort.plans {
      let scan = cohort.scan(plan)
      let header = Image(volume: scan.image, geometry: scan.geometry).header
      let images = try folder.directory(making: FilePath(plan.role.rawValue))
      let masks = plan.role == .unlabeled ? try folder.directory(making: "truth/unlabeled") : images
      let image = NiftiFile.encode(scan: scan.image, like: header)
      let mask = NiftiFile.encode(mask: scan.truth, like: header)
      try DurableFile.write(image, as: FilePath("\(plan.name)_FLAIR.nii.gz"), in: images, existing: .refuse)
      try DurableFile.write(mask, as: FilePath("\(plan.name)_mask.nii.gz"), in: masks, existing: .refuse)
      try progress(report.add(scan, as: plan))
    }
    // Last: a folder with its report is whole.
    try DurableFile.write(report.json, as: "phantom.json", in: folder, existing: .refuse)
    return report
  }

  /// The folder, made with its parents where it is not there. The operator named it: links in it are followed.
  private static func open(making path: FilePath) throws -> Directory {
    do {
      return try Directory(path)
    } catch  where error.errno == .noSuchFileOrDirectory {
      guard let name = path.lastComponent else { throw error }
      let parent = path.removingLastComponent()
      return try open(making: parent.isEmpty ? "." : parent).directory(making: FilePath(root: nil, [name]))
    }
  }
}

extension PhantomReport {
  /// The report as `phantom.json` has it: UTF-8, keys in alphabetical order.
  public var json: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      return try Array(encoder.encode(self)) + Array("\n".utf8)
    }
  }
}
