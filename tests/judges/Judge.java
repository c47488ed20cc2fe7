/* JSSE as a judge: one client or one server of Java's own stack, for a test to set against the
 * laboratory. Says in one line a connection what JSSE itself has come to:
 *
 *     TLSv1.2 TLS_RSA_WITH_AES_128_CBC_SHA resumed=false protocol=http/1.1 peer=CN=Alice
 *
 * usage: java Judge.java client PORT OPTIONS | server OPTIONS
 *   version=TLSv1.2  suite=NAME  trust=root.pem  chain=cert.pem  key=key.pem  name=HOST
 *   protocol=http/1.1  connections=N  renegotiates=true  wants=certificate
 *
 * It knows nothing of the laboratory, and judges nothing by itself: a handshake that fails is an
 * exception, and an exit status other than 0.
 */
import java.io.*;
import java.net.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.security.spec.*;
import java.util.*;
import javax.net.ssl.*;

public class Judge {
    static final int PATIENCE = 10000; /* milliseconds */
    static final Map<String, String> options = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        boolean client = arguments[0].equals("client");
        for (int i = client ? 2 : 1; i < arguments.length; i++) {
            String[] pair = arguments[i].split("=", 2);
            options.put(pair[0], pair[1]);
        }
        SSLContext context = context();
        int connections = Integer.parseInt(options.getOrDefault("connections", "1"));
        if (client) {
            for (int i = 0; i < connections; i++)
                connect(context, Integer.parseInt(arguments[1]));
            return;
        }
        SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory()
            .createServerSocket(0, 5, InetAddress.getLoopbackAddress());
        listener.setSoTimeout(2 * PATIENCE);
        System.out.println("listening on " + listener.getLocalPort());
        System.out.flush();
        for (int i = 0; i < connections; i++)
            serve((SSLSocket) listener.accept());
    }

    static void connect(SSLContext context, int port) throws Exception {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
        String name = options.getOrDefault("name", "localhost");
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                 .createSocket(plain, name, port, true)) {
            speak(socket);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            long before = System.currentTimeMillis();
            socket.startHandshake();
            if (options.containsKey("renegotiates")) {
                socket.startHandshake();
            }
            OutputStream out = socket.getOutputStream();
            out.write("GET / HTTP/1.0\r\n\r\n".getBytes("US-ASCII"));
            out.flush();
            int size = socket.getInputStream().readAllBytes().length;
            tell(socket, socket.getSession().getCreationTime() < before);
            if (size == 0)
                throw new IOException("the server said nothing");
        }
    }

    static void serve(SSLSocket socket) throws Exception {
        speak(socket);
        socket.setNeedClientAuth(options.containsKey("wants"));
        long before = System.currentTimeMillis();
        try (socket) {
            socket.startHandshake();
            InputStream in = socket.getInputStream();
            byte[] said = new byte[4096];
            int size = in.read(said);
            if (options.containsKey("renegotiates"))
                socket.startHandshake();
            if (size > 0)
                socket.getOutputStream().write("HTTP/1.0 200 OK\r\n\r\nJSSE\n".getBytes("US-ASCII"));
            socket.getOutputStream().flush();
            tell(socket, socket.getSession().getCreationTime() < before);
        }
    }

    static void speak(SSLSocket socket) throws Exception {
        socket.setSoTimeout(PATIENCE);
        if (options.containsKey("version"))
            socket.setEnabledProtocols(options.get("version").split(","));
        socket.setEnabledCipherSuites(options.containsKey("suite")
                                          ? options.get("suite").split(",")
                                          : socket.getSupportedCipherSuites());
        SSLParameters parameters = socket.getSSLParameters();
        if (options.containsKey("protocol"))
            parameters.setApplicationProtocols(options.get("protocol").split(","));
        socket.setSSLParameters(parameters);
    }

    static void tell(SSLSocket socket, boolean resumed) {
        SSLSession session = socket.getSession();
        String peer = "none";
        try {
            peer = session.getPeerPrincipal().getName();
        } catch (SSLPeerUnverifiedException nobody) {
            peer = "none"; /* the other side showed no certificate */
        }
        System.out.println(session.getProtocol() + " " + session.getCipherSuite() + " resumed="
                           + resumed + " protocol=" + socket.getApplicationProtocol() + " peer="
                           + peer);
        System.out.flush();
    }

    static SSLContext context() throws Exception {
        KeyManager[] shown = null;
        TrustManager[] trusted = null;
        if (options.containsKey("chain")) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("own", key(options.get("key")), new char[0],
                              certificates(options.get("chain")).toArray(new java.security.cert.Certificate[0]));
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(store, new char[0]);
            shown = factory.getKeyManagers();
        }
        if (options.containsKey("trust")) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int count = 0;
            for (java.security.cert.Certificate one : certificates(options.get("trust")))
                store.setCertificateEntry("root" + count++, one);
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            trusted = factory.getTrustManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(shown, trusted, null);
        return context;
    }

    static Collection<? extends java.security.cert.Certificate> certificates(String path) throws Exception {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
    }

    /* PKCS#8 in PEM, of whatever kind. */
    static PrivateKey key(String path) throws Exception {
        String text = Files.readString(Path.of(path)).replaceAll("-----[A-Z ]+-----", "");
        KeySpec spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(text.trim()));
        for (String kind : new String[] {"RSA", "EC", "DSA"}) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(spec);
            } catch (InvalidKeySpecException other) {
                continue; /* it is of another kind */
            }
        }
        throw new IOException(path + " holds no key that is known");
    }
}
