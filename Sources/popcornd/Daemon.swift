import Configuration
import Contract
import Files
import Glibc
import Ledger
import Logging
import Processes
import ServiceLifecycle
import SystemPackage
import UnixSignals

/// The parts of the service, put together.
struct Daemon {
  let settings: Settings
  let configurationFile: String
  let isOnce: Bool

  /// Runs until a signal ends it, or until `--once` has nothing left to do. Answers what to exit with.
  func run() async throws -> ExitCode {
    signal(SIGPIPE, SIG_IGN)
    let late = try await Folders.prepare(settings, isOnce: isOnce)
    let state = try StateDirectory(claiming: FilePath(settings.state.path))
    let instance = settings.instance ?? "popcornd"
    let journal = Journal(instance: instance)
    let board = StatusBoard()
    let (events, continuation) = AsyncStream.makeStream(of: WorkerEvent.self)
    let link = WorkerLink(place, events: continuation)
    let supervisor = try Supervisor(
      settings, state: state, link: link, journal: journal, board: board, isOnce: isOnce, version: Version.text,
      configurationFile: configurationFile)
    let unfinished = try await supervisor.recover()
    var intakes: [Intake] = []
    for path in settings.inbox.path.map({ FilePath($0) }) {
      intakes.append(
        Intake(
          path, settings: settings, store: supervisor.store, known: try Ledger(reading: state.path),
          supervisor: supervisor))
    }
    await supervisor.serve(intakes)
    let control = try ControlSocket(
      at: FilePath(settings.controlSocket), rights: .here, board: board,
      handler: { request, peer in await supervisor.carryOut(request, by: peer) },
      onRefusal: { refusal in await supervisor.note(refusal) })
    control.start()
    let watch =
      settings.inbox.watch == .poll || isOnce
      ? [] : [WatchLink(command: settings.run.watch, intakes: intakes, journal: journal)]
    let services: [any Service] =
      watch
      + [
        SupervisorService(
          supervisor: supervisor, link: link, events: events, intakes: intakes, late: late, unfinished: unfinished,
          journal: journal),
        SignalService(supervisor: supervisor),
      ]
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
      gracefulShutdownSignals: [.sigterm, .sigint],
      logger: Logger(label: "popcornd") { _ in SwiftLogNoOpLogHandler() })
    configuration.maximumGracefulShutdownDuration = .seconds(90)
    try await ServiceGroup(configuration: configuration).run()
    control.stop()
    return await supervisor.exitCode
  }

  private var place: WorkerLink.Place {
    let socket: String? =
      switch settings.run.workerSocket {
      case .none: nil
      case .path(let path): path
      case .auto: isThere(FilePath(settings.workerSocketPath)) ? settings.workerSocketPath : nil
      }
    let threads: Int? =
      switch settings.resources.threads {
      case .count(let count): count
      case .auto: nil
      }
    if let socket { return .socket(FilePath(socket), threads: threads) }
    return .command(
      settings.run.worker,
      environment: EngineEnvironment.variables(threads: threads ?? EngineEnvironment.processors).merging([
        "CACHE_DIRECTORY": FilePath(settings.state.path).appending(StateLayout.cache).string
      ]) { $1 })
  }
}

/// The loop: what the worker says goes to the supervisor, until the service ends.
struct SupervisorService: Service {
  let supervisor: Supervisor
  let link: WorkerLink
  let events: AsyncStream<WorkerEvent>
  let intakes: [Intake]
  /// Inboxes that have not answered yet, or were not there.
  let late: Set<FilePath>
  let unfinished: [FilePath: [UnfinishedMove]]
  let journal: Journal

  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await link.run() }
      group.addTask { for await event in events { await supervisor.take(event) } }
      await all(within: .seconds(10)) { await $0.begin(unfinished[$0.path] ?? [], isLate: late.contains($0.path)) }
      await supervisor.untilDelivered(patience: .seconds(10))
      Notify.ready(await supervisor.status.headline)
      await supervisor.beat()
      await withGracefulShutdownHandler {
        await supervisor.untilFinished()
      } onGracefulShutdown: {
        Task { await supervisor.finish() }
      }
      await end()
      await group.waitForAll()
    }
  }

  /// Finishes the write in hand, has training checkpointed, says goodbye.
  private func end() async {
    let patience = Duration.seconds(60)
    Notify.stopping(extendMicroseconds: 90_000_000)
    await supervisor.drain()
    for intake in intakes { intake.stop() }
    await link.stop(patience: patience)
    await all(within: .seconds(5)) { await $0.answer() }
    await supervisor.close()
  }

  /// Has all intakes do something at the same time. Whoever hangs is not waited for any longer than `patience`.
  private func all(within patience: Duration, _ act: @escaping @Sendable (Intake) async -> Void) async {
    let limit = ContinuousClock.now + patience
    let works = intakes.map { intake in Undertaking<Void> { await act(intake) } }
    for work in works { _ = await work.outcome(before: limit) }
  }
}

/// HUP reads the configuration again, USR1 writes the status now.
struct SignalService: Service {
  let supervisor: Supervisor

  func run() async throws {
    let signals = await UnixSignalsSequence(trapping: .sighup, .sigusr1)
    for await signal in signals.cancelOnGracefulShutdown() {
      switch signal {
      case .sighup: _ = await supervisor.reload()
      default: await supervisor.writeStatus()
      }
    }
  }
}
