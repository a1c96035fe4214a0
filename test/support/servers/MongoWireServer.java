import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/** An independent implementation of MongoDB's wire protocol, in memory. It says 6.0, because the driver asks for a newer one than it says by itself. */
public class MongoWireServer {
  private static final int TRIES = 50;

  public static void main(String[] args) throws Exception {
    MemoryBackend backend = new MemoryBackend();
    backend.version(new de.bwaldvogel.mongo.MongoVersion() {
      public List<Integer> getVersionArray() { return List.of(6, 0, 0, 0); }
      public int getWireVersion() { return 17; }
    });
    bind(backend, Integer.parseInt(args[0]));
    System.out.println("listening");
    Thread.currentThread().join();
  }

  /** Somebody's connection may have the port for a moment, when a server comes back on it. */
  private static void bind(MemoryBackend backend, int port) throws InterruptedException {
    for (int tries = 1; ; tries++) {
      MongoServer server = new MongoServer(backend);
      try {
        server.bind("127.0.0.1", port);
        return;
      } catch (Exception error) {
        // Without this its threads would keep the process alive, and whoever started it waiting.
        if (tries == TRIES) {
          error.printStackTrace();
          System.exit(1);
        }
        Thread.sleep(100);
      }
    }
  }
}
