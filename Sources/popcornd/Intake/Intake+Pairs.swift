import Contract
import Files
import Ledger
import SystemPackage
import Watch

// A NIfTI pair: `X.hdr` and `X.img` beside each other are one image, and are taken together when both have settled.
extension Intake {
  /// The later of the two takes both; the first waits for it.
  func takeHalf(_ half: SeenFile) async -> Settling.Judgement {
    guard let inbox = open() else { return .transient }
    // The other may have taken it meanwhile.
    let sighting = scan.look(at: half.path, in: inbox)
    if case .unknown = sighting { return .transient }
    guard case .file(let here) = sighting else { return .settled }
    guard here.isUnchanged(since: half) else { return .incomplete }
    quietHalves[half.path] = half
    guard let other = otherHalf(of: half, in: inbox) else { return await waitForOther(half, in: inbox) }
    // It settles by itself, and takes this one too.
    guard isQuiet(other) else { return .settled }
    if isTaken(half), isTaken(other) { return .settled }
    let (header, voxels) = FileName(of: half.path).isVoxelHalf ? (other, half) : (half, other)
    let judgement = await take(header, voxels: voxels)
    if judgement == .settled {
      quietHalves[header.path] = nil
      quietHalves[voxels.path] = nil
    }
    return judgement
  }

  private func otherHalf(of half: SeenFile, in inbox: Inbox) -> SeenFile? {
    let folder = half.path.removingLastComponent()
    for name in FileName(of: half.path).otherHalf {
      guard case .file(let other) = scan.look(at: folder.appending(name.asPath.components), in: inbox) else { continue }
      return other
    }
    return nil
  }

  /// Whether it is as it was when it had settled.
  private func isQuiet(_ half: SeenFile) -> Bool {
    if let settled = quietHalves[half.path] { return settled.isUnchanged(since: half) }
    return decision(on: half) != nil
  }

  /// Whether it was judged, with its other half, and is not to be taken once more.
  private func isTaken(_ half: SeenFile) -> Bool {
    guard !again.contains(half.path), let record = decision(on: half) else { return false }
    return record.decision.reason != .pairHalf && record.decision.move != .lost
  }

  private func decision(on half: SeenFile) -> FileRecord? {
    (try? known.decision(inbox: path, path: half.path, stamp: FileStamp(half))) ?? nil
  }

  /// Has it recorded that the other half is missing; the supervisor says how long that may be.
  private func waitForOther(_ half: SeenFile, in inbox: Inbox) async -> Settling.Judgement {
    let name = name(of: half, in: inbox)
    if name.isModelOutput { return .settled }
    var verdict = Verdict(.wait, reason: .pairHalf)
    let missing = FileName(of: half.path).isVoxelHalf ? ".hdr" : ".img"
    verdict.numbers = [Verdict.Number("missing", "the \(missing) file")]
    let arrival = Arrival(
      inbox: path, file: half, name: name, verdict: verdict, canonical: nil, mayMove: false)
    return await supervisor.decide(arrival).judgement
  }
}
