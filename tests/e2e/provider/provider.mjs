// A certified OpenID Connect provider for tests: `node provider.mjs MODULES ACCOUNTS` listens on loopback and prints
// its address. ACCOUNTS is a JSON file, read anew at every sign-in: a login name and the claims that it gives.
import { readFileSync, appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, accounts] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(join(modules, "oidc-provider/lib/index.js")));

function findAccount(_context, login) {
  const claims = JSON.parse(readFileSync(accounts, "utf8"))[login];
  return claims && { accountId: login, claims: () => ({ sub: login, ...claims }) };
}

// Nobody is asked whether the client may know their address: the people who run the provider said so.
async function loadExistingGrant({ oidc }) {
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
  grant.addOIDCScope("openid email profile");
  await grant.save();
  return grant;
}

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://localhost:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "clientele",
        client_secret: "a-secret-of-the-tests-alone-0123456789",
        redirect_uris: ["http://localhost/oauth2callback"],
        post_logout_redirect_uris: ["http://localhost/oauth2callback"],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false, // address and name are in the id token, as with Keycloak and Entra ID
    pkce: { required: () => true },
    ttl: { IdToken: 300, AccessToken: 300, Grant: 3600, Interaction: 600, Session: 3600 },
    findAccount,
    loadExistingGrant,
  });
  // The application's port is chosen when it starts, after this.
  const onLoopback = (address) => new URL(address).hostname === "localhost";
  provider.Client.prototype.redirectUriAllowed = onLoopback;
  provider.Client.prototype.postLogoutRedirectUriAllowed = onLoopback;
  const answer = provider.callback();
  server.on("request", (request, response) => {
    appendFileSync(`${accounts}.asked`, `${request.method} ${request.url}\n`);
    answer(request, response);
  });
  console.log(`issuer ${issuer}`);
});
