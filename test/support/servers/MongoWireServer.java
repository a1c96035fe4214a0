import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/** An independent implementation of MongoDB's wire protocol, in memory. It says 6.0, because the driver asks for a newer one than it says by itself. */
public class MongoWireServer {
  public static void main(String[] args) throws Exception {
    MemoryBackend backend = new MemoryBackend();
    backend.version(new de.bwaldvogel.mongo.MongoVersion() {
      public List<Integer> getVersionArray() { return List.of(6, 0, 0, 0); }
      public int getWireVersion() { return 17; }
    });
    MongoServer server = new MongoServer(backend);
    server.bind("127.0.0.1", Integer.parseInt(args[0]));
    System.out.println("listening");
    Thread.currentThread().join();
  }
}
