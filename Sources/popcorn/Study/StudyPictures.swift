import Contract
import Files
import FoundationEssentials
import Imaging
import Popcorn
import SystemPackage

/// The paper's figure 2: what a method finds, invents and misses on a slice of some test scans, the same for all methods.
/// They are chosen by the truth alone: of the largest, the middle and the smallest lesion load, where most lesion is.
struct StudyPictures {
  private let shown: [String: Int]
  private let files: any CaseSource

  /// Found, invented, missed: apart for colour-blind eyes too (Okabe and Ito's palette).
  static let found = Picture.Colour(0, 158, 115)
  static let invented = Picture.Colour(213, 94, 0)
  static let missed = Picture.Colour(86, 180, 233)
  private static let enlargement = 3

  init(of test: [CaseReference], files: any CaseSource) {
    self.files = files
    var loads: [(scan: String, load: Int, slice: Int)] = []
    for scan in test {
      guard let reference = scan.masks.first, let truth = try? files.mask(reference, of: scan) else { continue }
      let plane = truth.size.x * truth.size.y
      let slices = (0..<truth.size.z).map { z in truth.values[z * plane..<(z + 1) * plane].count { $0 == 1 } }
      guard let most = slices.max(), most > 0, let slice = slices.firstIndex(of: most) else { continue }
      loads.append((scan.id, slices.reduce(0, +), slice))
    }
    loads.sort { ($0.load, $0.scan) > ($1.load, $1.scan) }
    let places = Set([0, loads.count / 2, loads.count - 1].filter { loads.indices.contains($0) })
    shown = Dictionary(places.map { (loads[$0].scan, loads[$0].slice) }, uniquingKeysWith: { $1 })
  }

  /// The pictures' folder below a run's.
  static let folder = "pictures"

  /// Draws a mask on its slice into a run's folder, where the scan is one of those that are shown.
  func draw(_ mask: Volume<UInt8>, of scan: CaseReference, in folder: Directory) throws {
    guard let slice = shown[scan.id], let reference = scan.masks.first else { return }
    let truth = try files.mask(reference, of: scan)
    let image = try files.volume(of: scan).image
    var picture = Picture(width: image.size.x, height: image.size.y)
    for y in 0..<image.size.y {
      for x in 0..<image.size.x {
        // y goes from back to front: the front is above.
        let at = (x, image.size.y - 1 - y)
        switch (truth[x, y, slice] == 1, mask[x, y, slice] == 1) {
        case (true, true): picture[at.0, at.1] = Self.found
        case (false, true): picture[at.0, at.1] = Self.invented
        case (true, false): picture[at.0, at.1] = Self.missed
        // In most scans white matter lies a little below the peak at 1, and lesions up to twice as high.
        case (false, false): picture[at.0, at.1] = Picture.Colour(grey: image[x, y, slice] / 2)
        }
      }
    }
    guard let bytes = picture.enlarged(Self.enlargement).png else { return }
    let pictures = try folder.directory(making: FilePath(Self.folder))
    try DurableFile.write(bytes, as: FilePath("\(scan.id).png"), in: pictures)
  }

  /// A picture in a run's folder as a page embeds it; nil where there is none.
  static func embedded(_ scan: String, in run: FilePath) -> String? {
    let path = run.appending(folder).appending("\(scan).png")
    guard let bytes = try? BoundedReader.read(path, limit: 1 << 24) else { return nil }
    return "data:image/png;base64," + Data(bytes).base64EncodedString()
  }

  /// The scans whose pictures lie in a run's folder, by name.
  static func names(in run: FilePath) -> [String] {
    guard let folder = try? Directory(run.appending(folder)), let names = try? folder.names() else { return [] }
    return names.map(\.string).filter { $0.hasSuffix(".png") }.map { String($0.dropLast(4)) }.sorted()
  }
}
