import Contract
import Files
import Ledger
import Processes
import SystemPackage

/// When an expert's mask and an automatic one disagree so grossly that a person should look before it is trained on:
/// left and right may be exchanged, or the mask belongs to another scan.
///
/// Small masks often miss each other honestly, and a network that finds little says nothing: then there is no verdict.
enum Agreement {
  /// Dice below which two masks have almost nothing in common.
  static let leastDice = 0.02
  /// Volume that both must have, ml.
  static let leastVolume = 1.0
  /// Mean Dice that the network must have on the held-out.
  static let leastTrust = 0.3
}

extension Intake {
  /// How an expert's mask overlaps with the automatic one of its case; nil where there is none to compare it with.
  func overlap(of arrival: Arrival) async -> Verdict.Overlap? {
    guard let canonical = arrival.canonical, let automatic = await supervisor.maskToCompare(with: arrival) else {
      return nil
    }
    let files = [canonical, automatic].compactMap { digest in
      try? FileDescriptor.open(store.path(digest, .image), .readOnly, options: [.closeOnExec])
    }
    defer { for file in files { try? file.close() } }
    return files.count == 2 ? await AdmitRunner(settings).compare(files[0], with: files[1]) : nil
  }
}

extension Supervisor {
  /// The automatic mask that an expert's mask is compared with, where it is the first for a case that has one and both
  /// say enough; nil otherwise.
  func maskToCompare(with arrival: Arrival) -> Digest? {
    guard arrival.name.role == .label, arrival.verdict.outcome == .accept, arrival.file.tree != .release,
      let geometry = arrival.verdict.geometry, let candidates = try? candidates(for: arrival), candidates.count == 1,
      let known = candidates.first, known.state == .drafted || known.state == .pseudo,
      let distance = known.geometry.cornerDisplacement(to: geometry), distance <= settings.accept.geometryWarnMm,
      Double(arrival.verdict.foreground ?? 0) * geometry.voxelVolume / 1000 >= Agreement.leastVolume,
      let mask = try? ledger.masks(of: known.label).last, mask.figures.volumeMl >= Agreement.leastVolume,
      let trust = try? ledger.generation(mask.generation).meanDice, trust >= Agreement.leastTrust
    else { return nil }
    return Digest(hexadecimal: mask.figures.maskDigest)
  }
}
