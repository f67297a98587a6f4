import Contract
import Files
import Ledger
import Processes
import SystemPackage

/// When an expert's mask and the one that its case has disagree so grossly that a person should look before it is trained
/// on: left and right may be exchanged, or the mask belongs to another scan, whose name was used before.
///
/// Small masks often miss an automatic one honestly, and a network that finds little says nothing: then there is no
/// verdict. What an expert drew is corrected here and there, not moved elsewhere, however small it is; and a mask without
/// a lesion has nothing in common with one that has any.
enum Agreement {
  /// Dice below which two masks have almost nothing in common.
  static let leastDice = 0.02
  /// Volume that an expert's mask and an automatic one must have, ml.
  static let leastVolume = 1.0
  /// Mean Dice that the network must have on the held-out.
  static let leastTrust = 0.3
}

extension Intake {
  /// How an expert's mask overlaps with the one that its case has; nil where there is none to compare it with.
  func overlap(of arrival: Arrival) async -> Verdict.Overlap? {
    guard let canonical = arrival.canonical, let other = await supervisor.maskToCompare(with: arrival) else {
      return nil
    }
    let files = [canonical, other].compactMap { digest in
      try? FileDescriptor.open(store.path(digest, .image), .readOnly, options: [.closeOnExec])
    }
    defer { for file in files { try? file.close() } }
    return files.count == 2 ? await AdmitRunner(settings).compare(files[0], with: files[1]) : nil
  }
}

extension Supervisor {
  /// What an expert's mask is compared with: the expert's own of before, or another expert's; where there is none the
  /// automatic mask, if it says enough. nil where there is nothing, or it is a mask that was taken before.
  func maskToCompare(with arrival: Arrival) -> Digest? {
    guard arrival.name.role == .label, arrival.verdict.outcome == .accept, arrival.file.tree != .release,
      let geometry = arrival.verdict.geometry, let candidates = try? candidates(for: arrival), candidates.count == 1,
      let known = candidates.first,
      let distance = known.geometry.cornerDisplacement(to: geometry), distance <= settings.accept.geometryWarnMm,
      let labels = try? ledger.labels(of: known.label)
    else { return nil }
    guard labels.isEmpty else { return earlierMask(among: labels, for: arrival) }
    let volume = Double(arrival.verdict.foreground ?? 0) * geometry.voxelVolume / 1000
    return volume >= Agreement.leastVolume ? automaticMask(of: known) : nil
  }

  private func earlierMask(among labels: [ExpertLabel], for arrival: Arrival) -> Digest? {
    let own = labels.filter { $0.rater == arrival.name.rater }
    if own.contains(where: { $0.digest == arrival.canonical }) { return nil }
    return (own.last ?? labels.max { $0.arrived < $1.arrived })?.digest
  }

  private func automaticMask(of known: Case) -> Digest? {
    guard known.state == .drafted || known.state == .pseudo,
      let mask = try? ledger.masks(of: known.label).last, mask.figures.volumeMl >= Agreement.leastVolume,
      let trust = try? ledger.generation(mask.generation).meanDice, trust >= Agreement.leastTrust
    else { return nil }
    return Digest(hexadecimal: mask.figures.maskDigest)
  }
}
