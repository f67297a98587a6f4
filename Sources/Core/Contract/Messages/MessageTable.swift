// The table of message kinds. An identifier here is for good: it names the kind in every journal there is.

extension MessageKind {
  struct Entry {
    let id: String
    let priority: JournalPriority
    let subject: String
    let text: String
    let fields: [JournalField]
    init(_ id: String, _ priority: JournalPriority, _ subject: String, _ text: String, _ fields: [JournalField]) {
      self.id = id
      self.priority = priority
      self.subject = subject
      self.text = text
      self.fields = fields
    }
  }

  /// The row of the table.
  var entry: Entry {
    switch self {
    case .serviceStarted:
      Entry(
        "34bc00faf4934ebfbd684cb19f48a893", .notice, "The service has started",
        """
        Study @POPCORN_INSTANCE@ is served with generation @POPCORN_GENERATION@ (0: none yet). Recovery is \
        done and the inboxes are watched.
        """, [.generation, .auditSequence, .auditHash])
    case .serviceStopping:
      Entry(
        "c677bb312e8c4d3389bbd652cdf51aa1", .notice, "The service is stopping",
        """
        What was being written is finished and training is checkpointed; it resumes at the next start. The \
        audit chain ends at record @POPCORN_AUDIT_SEQ@, @POPCORN_AUDIT_HASH@.
        """, [.auditSequence, .auditHash])
    case .configurationReloaded:
      Entry(
        "af4fbae766d641348c2c58060277929e", .notice, "The configuration was read again",
        """
        Keys that may change at run time count from now on. Those that need a restart or a new study are \
        named in the message and do not count yet.
        """, [.actor, .auditSequence])
    case .configurationRefused:
      Entry(
        "d68792e8cb7042929e0c028204d464b9", .error, "The configuration could not be read again",
        """
        The service goes on with the configuration it had. The message names file, line and key. Correct it \
        and run: systemctl reload popcornd.
        """, [])
    case .caseAccepted:
      Entry(
        "a7ef40fa8f21489b877ea2109d6647ff", .info, "A scan was accepted",
        """
        Case @POPCORN_CASE@ is copied and verified and waits for its draft mask. The receipt in done/ names \
        its label and the path of its mask.
        """, [.caseLabel, .state, .stateBefore, .inbox, .digest, .auditSequence])
    case .caseDuplicate:
      Entry(
        "2e77ed05c6ab40808fdcda80cad779b8", .info, "A file was dropped again",
        """
        The file holds the same image as case @POPCORN_CASE@ and was put into duplicates/ with a receipt. \
        Nothing else has changed.
        """, [.caseLabel, .reason, .inbox, .digest, .auditSequence])
    case .caseDrafted:
      Entry(
        "886d26765120421aadffd6bbed63847b", .info, "A draft mask was written",
        """
        Generation @POPCORN_GENERATION@ found @POPCORN_LESIONS@ lesions of @POPCORN_VOLUME_ML@ ml in case \
        @POPCORN_CASE@. It is an automatic research segmentation, not for diagnosis.
        """,
        [
          .caseLabel, .state, .stateBefore, .generation, .modelDigest, .volume, .lesions, .proximity, .duration,
          .auditSequence,
        ])
    case .caseSelected:
      Entry(
        "bbc8e03513cf493e88d845eaa8fba191", .info, "A case was taken into the training set",
        """
        Step @POPCORN_STEP@ of cycle @POPCORN_CYCLE@ took case @POPCORN_CASE@ at rank @POPCORN_RANK@: the \
        sum of its distances to the nearest training scans is @POPCORN_PROXIMITY@. Its mask is a pseudo- \
        label.
        """, [.caseLabel, .state, .stateBefore, .cycle, .step, .rank, .proximity, .auditSequence])
    case .caseLeftOut:
      Entry(
        "82a81100fa444462b1bd65e88ff42d33", .warning, "A scan of the pool could not be read in training",
        """
        Cycle @POPCORN_CYCLE@ went on without case @POPCORN_CASE@, which stays in the pool; the message says why. \
        popcornctl retry makes its draft anew, which shows whether the private copy is sound.
        """, [.caseLabel, .cycle, .auditSequence])
    case .casePromoted:
      Entry(
        "551117f8d0274952a48c692b8ae34642", .notice, "An expert mask was taken",
        """
        Case @POPCORN_CASE@ is in the training set with an expert's mask; its automatic mask is no longer \
        used.
        """, [.caseLabel, .state, .stateBefore, .digest, .actor, .auditSequence])
    case .caseRevised:
      Entry(
        "1d52cd594a5545eab91016cef6b9f52b", .notice, "An expert mask was revised",
        """
        Case @POPCORN_CASE@ has a newer expert mask; the older one is kept. The next cycle trains with the \
        newer.
        """, [.caseLabel, .digest, .dice, .actor, .auditSequence])
    case .caseHeld:
      Entry(
        "e2983ffc0007448487caa28b62e5ebd2", .warning, "A file needs a person",
        """
        A file or a case is held: @POPCORN_REASON@. The receipt says what was found and how to go on: correct the \
        file and drop it again, or move it into inbox/release/.
        """, [.caseLabel, .state, .stateBefore, .reason, .inbox, .auditSequence])
    case .caseReleased:
      Entry(
        "8914449585634f04b01f159f97342462", .notice, "A held file was released",
        """
        Case @POPCORN_CASE@ goes on as @POPCORN_STATE@.
        """, [.caseLabel, .state, .stateBefore, .actor, .auditSequence])
    case .caseRejected:
      Entry(
        "18f5721f6ec8450fb60d51e1cf35fb43", .error, "A file was rejected",
        """
        The file cannot be used: @POPCORN_REASON@. A receipt says what was found and how to mend it; the file \
        lies beside it in rejected/, or where it was if it could not be moved. Nothing was deleted.
        """, [.caseLabel, .state, .stateBefore, .reason, .inbox, .digest, .auditSequence])
    case .caseNormalised:
      Entry(
        "51ad99726da64d0885f7a782853d312d", .warning, "A file was taken with a remark",
        """
        Something about case @POPCORN_CASE@ is unusual: @POPCORN_REASON@. What could be mended was mended on its \
        private copy; the dropped file is as it was.
        """, [.caseLabel, .reason, .auditSequence])
    case .fileWaiting:
      Entry(
        "fd3816ac024c4d4e988b038f0275ae30", .info, "A file waits",
        """
        A file in inbox @POPCORN_INBOX@ waits for the rest of it, for its partner or for the disk: \
        @POPCORN_REASON@. It is looked at again by itself.
        """, [.reason, .inbox])
    case .fileVanished:
      Entry(
        "f2abb3e4a8394f47ad1b87c97735b264", .info, "A file was taken away before it was read",
        """
        Nothing is lost: it had not been accepted.
        """, [.reason, .inbox])
    case .expertsMissing:
      Entry(
        "b1e37d6169344cb3a60cf9c71d673272", .notice, "Too few expert masks to begin",
        """
        The first training needs masks of more subjects: drop scans with expert masks into labeled/. Scans \
        without masks wait until then. STATUS.txt says how many are missing.
        """, [])
    case .cycleStarted:
      Entry(
        "793f7fc1c0384d119061e8c847829c5d", .notice, "A training cycle began",
        """
        Cycle @POPCORN_CYCLE@ trains on from generation @POPCORN_GENERATION@. Drafts are still made \
        meanwhile.
        """, [.cycle, .generation, .auditSequence, .auditHash])
    case .cycleFinished:
      Entry(
        "c783accd48bc4b9e8c3e541eddd6c3f1", .notice, "A training cycle is done",
        """
        Cycle @POPCORN_CYCLE@ took its steps; the gate's word follows.
        """, [.cycle, .dice, .duration, .auditSequence, .auditHash])
    case .cyclePaused:
      Entry(
        "0fbd7f075aab4a65baaedbf85f9b6858", .info, "Training was paused",
        """
        Cycle @POPCORN_CYCLE@ is checkpointed and resumes to the same result.
        """, [.cycle, .actor])
    case .trainingProgress:
      Entry(
        "5342e622c13549ff94f9425ff7151fd4", .info, "Training goes on",
        """
        Cycle @POPCORN_CYCLE@ is at step @POPCORN_STEP@; the message says how far. It is said once a minute at most.
        """, [.cycle, .step])
    case .trainingRolledBack:
      Entry(
        "5dc3016245a3458095067914f9a22d09", .warning, "Training went wrong and was taken back",
        """
        Cycle @POPCORN_CYCLE@ met @POPCORN_REASON@ and resumed from an earlier checkpoint at a lower rate. \
        The message names the cases of the last batch.
        """, [.cycle, .step, .reason, .auditSequence])
    case .trainingFailed:
      Entry(
        "353183b0dd944c4b8dd3dda45fb07cb4", .error, "A training cycle failed",
        """
        The message says why cycle @POPCORN_CYCLE@ failed, STATUS.txt whether it is tried again. The current \
        generation stays; pool and training set are as before the cycle.
        """, [.cycle, .reason, .auditSequence, .auditHash])
    case .generationPublished:
      Entry(
        "0fd1cdb2a0854673a4f2246a1d96bf38", .notice, "A new generation was published",
        """
        Generation @POPCORN_GENERATION@ is current; the message has its mean Dice on the held-out subjects, where \
        somebody is held out. Older masks are made anew in the background.
        """, [.generation, .modelDigest, .cycle, .dice, .auditSequence, .auditHash])
    case .generationRefused:
      Entry(
        "54c45b257fd24510a8555628927a13bd", .error, "A generation was refused",
        """
        The weights of cycle @POPCORN_CYCLE@ are kept for comparison only: @POPCORN_REASON@. Where they were \
        measured, the message has their Dice on every held-out case, and POPCORN_DICE has the mean. The current \
        generation stays.
        """, [.cycle, .generation, .reason, .dice, .modelDigest, .auditSequence, .auditHash])
    case .generationRetired:
      Entry(
        "b1bf4d93928b494f93cb95398f8178a0", .notice, "Weights of earlier generations were given up",
        """
        No mask in use was made with them, and keep_generations asks for no more than are left. Their figures, \
        gates and digests stay in the ledger.
        """, [.generation, .auditSequence, .auditHash])
    case .modelDamaged:
      Entry(
        "118a07f035e445ed9ed36ae8b0f79650", .critical, "A stored generation is damaged",
        """
        The file of generation @POPCORN_GENERATION@ is not what was published; the one before is used. Check \
        the disk and restore the state from the backup.
        """, [.generation, .modelDigest, .reason, .auditSequence])
    case .inboxGone:
      Entry(
        "daa66aa7c79f4daeb81b8a775264e96c", .warning, "An inbox is not there",
        """
        Inbox @POPCORN_INBOX@ cannot be reached or is empty where it should not be, probably an unmounted \
        share. Nothing is taken as deleted; it goes on when the share returns.
        """, [.inbox, .reason, .errno])
    case .inboxBack:
      Entry(
        "c3845d7ffada4f0286140cad2a63e7ea", .notice, "An inbox is there again",
        """
        Inbox @POPCORN_INBOX@ is read again from the beginning.
        """, [.inbox])
    case .eventsLost:
      Entry(
        "4408b910f6874d518d598cb26c16ea45", .warning, "File events were lost",
        """
        The kernel dropped events, or popcorn-watch ended; the message says which. All folders are listed again; \
        nothing is missed.
        """, [.reason])
    case .watchLimit:
      Entry(
        "e150b3fa529a4e19863cf83b89eea3ad", .warning, "The kernel's limit of watched folders is reached",
        """
        Part of inbox @POPCORN_INBOX@ is polled instead. To watch all of it raise \
        fs.inotify.max_user_watches.
        """, [.inbox, .reason])
    case .workerFailed:
      Entry(
        "2dc9b22eb0364687932b1f46c5363456", .error, "The worker died",
        """
        The message says how it ended. It is started again; a case at which that happens twice is held.
        """, [.caseLabel])
    case .workerReady:
      Entry(
        "13374f48f079466c9102838ddb93de68", .info, "The worker is ready",
        """
        It prepares, segments and trains.
        """, [.duration])
    case .diskFull:
      Entry(
        "fa88d0e33d604ceca0a1abe8ae7e0258", .critical, "A disk is full",
        """
        What needs it pauses until there is space again, and goes on by itself then: intake, drafts and training where it is \
        the state's, receipts where it is a share's. Nothing was half recorded.
        """, [.reason, .errno])
    case .diskFree:
      Entry(
        "5aec1a8aa3534f23bb37a3e9569060c5", .notice, "There is space again",
        """
        What had paused goes on.
        """, [])
    case .stateDamaged:
      Entry(
        "6b6fef47034c43599e32c08051197da6", .critical, "The state is damaged",
        """
        The state directory is not as it was recorded; the message says where. Nothing was repaired silently. Run \
        popcornctl audit verify and restore from the backup.
        """, [.auditSequence])
    case .auditHead:
      Entry(
        "1131f6cb208041f49a94db065e59a07e", .info, "Head of the audit chain",
        """
        Record @POPCORN_AUDIT_SEQ@ has the hash @POPCORN_AUDIT_HASH@. popcornctl audit verify compares the \
        ledger with it.
        """, [.auditSequence, .auditHash])
    case .outboxEdited:
      Entry(
        "348d7ae75191413da53031aef153614e", .warning, "A mask in the outbox was changed",
        """
        The mask of case @POPCORN_CASE@ is not as it was written and will not be overwritten. If it is a \
        correction, move it into labeled/.
        """, [.caseLabel, .auditSequence])
    case .outboxMissing:
      Entry(
        "ab285c338a3a488e939940ad01b7f7b1", .info, "A mask in the outbox was removed",
        """
        The mask of case @POPCORN_CASE@ is written again with the next generation.
        """, [.caseLabel, .auditSequence])
    case .commandGiven:
      Entry(
        "1da8de07c1644af2a08062801ff968f9", .notice, "A command was carried out",
        """
        User @POPCORN_ACTOR_UID@ had popcornctl do what the message says. Training that was paused stays so, also over \
        restarts, until popcornctl train resume.
        """, [.actor, .caseLabel, .auditSequence])
    case .commandRefused:
      Entry(
        "c7c0d1f4b3814d828206a9a3bfacb1e6", .warning, "A command was refused",
        """
        User @POPCORN_ACTOR_UID@ asked for what takes a member of popcornd-admin, or of popcornd-view where it only \
        shows something. Nothing was done.
        """, [.actor, .auditSequence])
    case .note:
      Entry(
        "2eaa7d5b66874b19b36b28bf9a5c9d04", .debug, "A remark",
        """
        See the message.
        """, [.reason, .caseLabel])
    }
  }
}
