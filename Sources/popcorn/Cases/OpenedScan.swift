import Contract
import Files
import Imaging
import Popcorn
import SystemPackage

/// A case's scan, and the mask of its brain in its place.
struct OpenedScan {
  let image: Image
  let brain: Image?
  let place: ScanPlace
  let isReleased: Bool
  /// What a person should know of how its files are taken.
  let notices: [FileNotice]

  /// Reads what a person has put there. Throws `Fault` for a file that cannot be read, and for a brain's mask that lies
  /// elsewhere than its scan.
  init(_ scan: CaseReference) throws {
    let reading = try ScanFiles.reading(scan.scan)
    place = ScanPlace(geometry: reading.image.geometry, isOriented: reading.isOriented)
    var notices: [FileNotice] = []
    if !reading.isOriented {
      notices.append(
        FileNotice(
          path: scan.scan,
          words:
            "says not how it lies (ORIENTATION_ASSUMED: qform_code and sform_code are 0): its axes are taken to run right, "
            + "front and up"
        ))
    }
    var brain: Image?
    if let path = scan.brain {
      let mask = try ScanFiles.reading(path)
      let brought = try place.bring(mask.image, isOriented: mask.isOriented, from: path)
      brain = brought.image
      notices += [brought.notice].compactMap(\.self)
    }
    (image, self.brain, self.notices, isReleased) = (reading.image, brain, notices, scan.isReleased == true)
  }

  /// Reads copies that the service has judged.
  init(canonical scan: CaseReference) throws {
    image = try ScanFiles.image(scan.scan)
    brain = try scan.brain.map(ScanFiles.image)
    place = ScanPlace(geometry: image.geometry, isOriented: true)
    (notices, isReleased) = ([], scan.isReleased == true)
  }
}
