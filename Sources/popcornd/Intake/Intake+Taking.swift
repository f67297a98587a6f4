import Contract
import Files
import Glibc
import Ledger
import Processes
import SystemPackage
import Watch

// Private verified copy first, ledger second, rename of the user's file third.
extension Intake {
  /// Takes a file that has settled, and tells the settling what came of it.
  func admit(_ file: SeenFile) async {
    let judgement: Settling.Judgement =
      switch file.kind {
      case .pairHalf: await takeHalf(file)
      case .sidecar: await takeTable(file)
      default: await take(file)
      }
    again.remove(file.path)
    settling.judged(file.path, judgement, at: Clock.nanoseconds)
  }

  /// Rejects a file that stayed incomplete too long.
  func giveUp(_ file: SeenFile) async {
    // Of a pair either half may be the one that is not whole: it is read once more, and its own clock decides. A table is
    // never given up.
    if file.kind == .pairHalf || file.kind == .sidecar { return settling.hint(file.path, at: Clock.nanoseconds) }
    guard let inbox = open() else { return }
    let verdict = unjudged.lastWord(on: [file])
    let arrival = Arrival(
      inbox: path, file: file, name: name(of: file, in: inbox), verdict: verdict, canonical: nil,
      mayMove: mayMove(file, in: inbox))
    await carryOut(await supervisor.decide(arrival), arrival, in: inbox)
    unjudged.forget(file.path)
  }

  /// Takes a file, or the two of a pair: `file` is the header then.
  func take(_ file: SeenFile, voxels: SeenFile? = nil) async -> Settling.Judgement {
    guard let inbox = open() else { return .transient }
    guard await supervisor.hasRoom() else { return .transient }
    let name = name(of: file, in: inbox)
    let parts = [file] + (voxels.map { [$0] } ?? [])
    if name.isModelOutput || isOtherContrast(name, file, in: inbox) {
      skipped.formUnion(parts)
      return .settled
    }
    do {
      let copy = try store.temporary()
      guard let outcome = try await read(parts, as: name.role, into: copy.descriptor, in: inbox) else {
        return .incomplete
      }
      let verdict: Verdict
      switch await judge(outcome, of: parts) {
      case .verdict(let judged): verdict = judged
      case .again(let judgement): return judgement
      }
      var canonical: Digest?
      if let text = verdict.canonicalDigest, let expected = Digest(hexadecimal: text) {
        canonical = try store.adopt(copy, digest: expected, as: .image)
      }
      var arrival = Arrival(
        inbox: path, file: file, voxels: voxels, formerPath: formerPath(of: file), name: name, verdict: verdict,
        canonical: canonical, mayMove: mayMove(file, in: inbox))
      arrival.isScanUndecided = name.partners.contains { isUndecided($0, in: inbox) }
      arrival.overlap = await overlap(of: arrival)
      FaultPoint.commit.pass()
      let ruling = await supervisor.decide(arrival)
      await carryOut(ruling, arrival, in: inbox)
      if ruling.judgement == .settled { unjudged.forget(file.path) }
      return ruling.judgement
    } catch let fault as MayNotBeRead {
      return refused(fault.file, in: inbox)
    } catch let fault as FileFault where fault.errno == .noSuchFileOrDirectory {
      await supervisor.fileVanished(from: path)
      return .settled
    } catch {
      await supervisor.intakeFailed(path, error)
      return .transient
    }
  }

  private struct MayNotBeRead: Error { let file: SeenFile }

  /// Has the files read; nil where one of them was not the same before and after.
  private func read(
    _ parts: [SeenFile], as role: FileRole, into copy: FileDescriptor, in inbox: Inbox
  ) async throws -> AdmitRunner.Outcome? {
    var sources: [FileDescriptor] = []
    defer { for source in sources { try? source.close() } }
    for part in parts {
      do throws(FileFault) {
        sources.append(try inbox.directory.open(part.path))
      } catch {
        if error.isRefusal { throw MayNotBeRead(file: part) } else { throw error }
      }
    }
    opened(parts, in: inbox)
    guard zip(sources, parts).allSatisfy(isUnchanged) else { return nil }
    let outcome = await AdmitRunner(settings).judge(
      sources[0], voxels: sources.dropFirst().first, as: role, isReleased: parts[0].tree == .release, into: copy)
    FaultPoint.copy.pass()
    let isThere = parts.allSatisfy { part in
      guard case .file(let after) = scan.look(at: part.path, in: inbox) else { return false }
      return after.isUnchanged(since: part)
    }
    return isThere && zip(sources, parts).allSatisfy(isUnchanged) ? outcome : nil
  }

  /// Whether an open file is the one that was seen, and as it was then.
  func isUnchanged(_ source: FileDescriptor, _ file: SeenFile) -> Bool {
    var status = stat()
    guard fstat(source.rawValue, &status) == 0 else { return false }
    let modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    return UInt64(status.st_ino) == file.inode && Int64(status.st_size) == file.size && modified == file.modified
  }

  private enum Conclusion {
    case verdict(Verdict)
    case again(Settling.Judgement)
  }

  /// What a reading comes to: a verdict, also where one has failed too often, or another try.
  private func judge(_ outcome: AdmitRunner.Outcome, of parts: [SeenFile]) async -> Conclusion {
    switch outcome {
    case .judged(let verdict):
      if isReaderMissing { await supervisor.reader(trouble: nil) }
      isReaderMissing = false
      guard verdict.outcome == .wait || mayBeReserved(verdict, parts) else { return .verdict(verdict) }
      if !unjudged.knows(parts[0].path) {
        await supervisor.fileWaits(in: path, verdict.outcome == .wait ? verdict.reason ?? .incomplete : .incomplete)
      }
      return wait(verdict, for: parts)
    case .died(let ending, let isHeldAgainstFile):
      await supervisor.readerDied(ending)
      if case .unstartable(let why) = ending {
        isReaderMissing = true
        await supervisor.reader(trouble: why)
      }
      let verdict = unjudged.died(
        of: parts, ending, isHeldAgainstFile: isHeldAgainstFile, limit: settings.resources.admitTimeout)
      return verdict.map { .verdict($0) } ?? .again(.transient)
    }
  }

  /// Whether files that read as whole may have been reserved with zeros and not be filled yet. They are not where a decision
  /// was made about them as they are: they had their time then.
  private func mayBeReserved(_ verdict: Verdict, _ parts: [SeenFile]) -> Bool {
    verdict.warnings.contains(Verdict.tailZero)
      && !parts.allSatisfy { part in
        (try? known.decision(inbox: path, stamp: FileStamp(part)))?.decision.digest != nil
      }
  }

  private func wait(_ verdict: Verdict, for parts: [SeenFile]) -> Conclusion {
    let now = Clock.nanoseconds
    if verdict.reason == .ioError || verdict.reason == .noPermission {
      return unjudged.failed(on: parts, verdict).map { .verdict($0) } ?? .again(.transient)
    }
    let since = unjudged.waits(for: parts, verdict, at: now)
    if verdict.outcome != .wait {
      let due = since + Unjudged.longestFilling
      return now >= due ? .verdict(verdict) : .again(.unsure(until: due))
    }
    guard parts.count > 1, now >= since + settings.inbox.incompleteTimeout.inNanoseconds else {
      return .again(.incomplete)
    }
    return .verdict(unjudged.lastWord(on: parts))
  }
}
