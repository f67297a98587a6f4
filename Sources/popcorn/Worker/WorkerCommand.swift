import ArgumentParser
import Contract
import Glibc
import SystemPackage
import Terminal

/// `popcorn worker`: the service's worker, JSON lines on standard input and output.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Answer the service's requests, JSON lines on standard input and output.")

  @Option(
    help: "Folder in which prepared scans are kept; it may be emptied at any time. CACHE_DIRECTORY names it too.")
  var cache: String?
  @Option(help: "Bytes that the folder may hold.")
  var cacheBytes = 20 << 30
  @Option(help: "Bytes of memory for scans that training draws patches from.")
  var volumeBytes = 512 << 20

  func run() throws {
    try reportingFaults {
      let inbox = WorkerInbox()
      let signals = inbox.open()
      defer { signals.cancel() }
      let tuning = Tuning(cache: folder)
      try Worker(inbox: inbox, cache: openCache(), memoryForVolumes: volumeBytes, tuning: tuning).run()
    }
  }

  private var folder: String? {
    (cache ?? getenv("CACHE_DIRECTORY").map { String(cString: $0) }).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The folder of prepared scans. One that cannot be used costs time, not the worker.
  private func openCache() -> PreparedCache? {
    guard let path = folder else { return nil }
    do {
      return try PreparedCache(path: FilePath(path), limit: cacheBytes)
    } catch {
      standardError("popcorn: scans are prepared anew each time: \(Fault(error).description)\n")
      return nil
    }
  }
}
