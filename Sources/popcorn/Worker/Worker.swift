import Contract
import Engine
import Files
import FoundationEssentials
import Glibc
import Imaging
import Popcorn
import SystemPackage
import Terminal

/// Answers requests, one after the other, on the one thread that computes; drafts and orders also between the steps of a
/// training that goes on.
final class Worker {
  private let inbox: WorkerInbox
  private let device = CPU()
  private let models: Models
  private let cache: PreparedCache?
  private let memoryForVolumes: Int
  private let tuning: Tuning

  init(inbox: WorkerInbox, cache: PreparedCache?, memoryForVolumes: Int, tuning: Tuning) {
    self.inbox = inbox
    self.cache = cache
    self.tuning = tuning
    self.memoryForVolumes = memoryForVolumes
    models = Models(on: device)
  }

  /// Until the supervisor hangs up or says stop.
  func run() throws {
    try reply(.ready(.here), to: 0)
    while let item = inbox.next() { try handle(item) }
  }

  private func handle(_ item: WorkerInbox.Item) throws {
    switch item {
    case .unreadable(let text): try reply(.failed(reason: nil, text: text), to: -1)
    case .pauses(let numbers): for number in numbers { try reply(.paused, to: number) }
    case .request(let envelope):
      do {
        try reply(try answer(envelope), to: envelope.id)
      } catch is LeavingNow {
        // Whoever asked is gone, or will ask again.
      } catch is CyclePaused {
        for number in inbox.takePauses() { try reply(.paused, to: number) }
        try reply(.paused, to: envelope.id)
      } catch {
        try reply(.failed(reason: reason(of: error), text: Fault(error).description), to: envelope.id)
      }
    }
  }

  private func answer(_ envelope: WorkerEnvelope<WorkerRequest>) throws -> WorkerReply {
    switch envelope.content {
    case .draft(let order):
      let segmenter = Segmenter(models: models, cache: cache)
      return .drafted(try segmenter.draft(order) { if self.inbox.mustLeave { throw LeavingNow() } })
    case .order(let order): return .ordered(try order.answer)
    case .train(let directory): return try train(FilePath(directory), number: envelope.id)
    case .useThreads(let count):
      CPU.use(threads: count)
      return .ready(.here)
    case .pause, .stop: return .paused
    }
  }

  private func train(_ path: FilePath, number: Int) throws -> WorkerReply {
    let directory = try CycleDirectory(path)
    if let result = directory.result { return .trained(result) }
    let run = CycleRun(
      try directory.order, in: directory, cache: cache, memoryForVolumes: memoryForVolumes, areCanonical: true,
      tuning: tuning)
    let share = run.order.settings.trainShare
    let turns = Turns(share: share)
    run.onTuning = { standardError("popcorn: \($0)\n") }
    run.onProgress = { progress in try self.reply(.progress(progress), to: number) }
    run.between = {
      turns.trained()
      while turns.mayServe, !self.inbox.mustPause, let item = self.inbox.nextBesideTraining() {
        try self.handle(item)
        turns.served()
      }
      return !self.inbox.mustPause
    }
    defer { device.releaseMemory() }
    let unusable = try run.unusable()
    return unusable.isEmpty ? .trained(try run.run(on: device)) : .unusable(unusable)
  }

  private func reply(_ content: WorkerReply, to number: Int) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var line = Array(try encoder.encode(WorkerEnvelope(id: number, content: content)))
    line.append(UInt8(ascii: "\n"))
    try line.withUnsafeBytes {
      try DurableFile.writeAll($0, to: .standardOutput, path: "standard output")
    }
  }

  private func reason(of error: any Error) -> ReasonCode? {
    switch error {
    case let rejection as Rejection: rejection.reason
    case is ModelDamaged, is SafetensorsError: .modelDamaged
    case MethodError.checkpoint: .checkpointUnreadable
    case let fault as FileFault where fault.errno == .noSpace: .diskFull
    default: nil
    }
  }
}

/// The worker is to leave; what it was at is done again by the next.
private struct LeavingNow: Error {}

extension Duration {
  /// As a number of seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

extension ProximityOrder {
  /// The pool, nearest first.
  fileprivate var answer: [ProximityFigures] {
    get throws {
      func latents(_ members: [Member]) throws -> [LatentCase] {
        try members.map { member in
          LatentCase(id: member.id, latent: try LatentFile.read(member.latent))
        }
      }
      let (unlabelled, near) = (try latents(pool), try latents(trusted))
      guard let length = near.first?.latent.count else {
        throw Fault(.dataError, "proximity needs a training set, and it is empty")
      }
      guard (unlabelled + near).allSatisfy({ $0.latent.count == length }) else {
        throw Fault(.dataError, "the latent vectors are of networks of different widths")
      }
      let figures = proximity(of: unlabelled, to: near, neighbours: max(1, neighbours))
      return nearest(figures, count: figures.count)
    }
  }
}
