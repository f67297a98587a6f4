/// What the scheduler is told, and what it says.
extension Scheduler {
  /// Why a cycle begins.
  enum Trigger: String, Sendable, Equatable {
    case first, arrivals, expertLabels, maxWait, command
  }

  /// What happened.
  enum Event: Sendable, Equatable {
    /// The worker is there.
    case workerUp
    /// The worker is gone, and what it was doing is undone.
    case workerDown
    /// A scan became a case of the pool.
    case arrived(id: String)
    /// What the ledger has of scans and expert masks since the last cycle; read at a start.
    case restored(arrivals: Int, oldestAge: Double?, expertLabels: Int)
    /// So many scans have come since the last cycle: one was set aside, or goes on.
    case recounted(arrivals: Int, oldestAge: Double?)
    /// A case of the pool has no mask yet; read at a start, or worth another attempt.
    case undrafted(id: String)
    /// A case has left the pool, or must not be worked on.
    case left(id: String)
    /// An expert mask was taken.
    case expertLabel
    /// So many subjects have an expert mask now.
    case expertSubjects(Int)
    /// A case should get a mask of the current generation, after all that have none.
    case outdated(id: String, isInPool: Bool)
    /// The pool in proximity order.
    case ordered([String])
    /// A generation is current.
    case generation(Int)
    /// The weights of the current generation are damaged, and there are none to use in their place.
    case modelLost
    /// A draft is written, or cannot be.
    case drafted(id: String)
    case notDrafted(id: String)
    /// The proximities came, or did not.
    case orderEnded
    /// A cycle that a former run of the service began is to go on; or one that failed is to be tried again.
    case interruptedCycle
    /// The worker could not go on with the cycle: it waits for `interruptedCycle`.
    case trainingFailed
    /// The cycle came to its end, whatever came of it.
    case cycleEnded
    /// Another cycle began in the place of one that could not go on.
    case cycleReplaced
    /// Training stopped at a checkpoint.
    case trainingPaused
    /// Files lie in the inboxes that were seen and not yet taken.
    case intake(isBusy: Bool)
    /// An operator's wish.
    case trainNow
    case pause
    case resume
    /// There is no room on the disk, or there is again.
    case room(Bool)
    /// The part of the day in which training may run began or ended.
    case window(isOpen: Bool)
    /// The configuration was read again.
    case settings(Settings)
    /// Time went on.
    case tick
  }

  /// What is to be done.
  enum Action: Sendable, Equatable {
    case startWorker
    case draft(id: String)
    case order
    case beginCycle(Trigger)
    case resumeCycle
    case pauseTraining
  }
}
