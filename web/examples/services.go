package examples

import "strings"

// variable is the name under which services store a secret, as the documentation uses it.
const variable = "NOTIFER_TOPIC_TOKEN"

func (p filling) services() []Example {
	return []Example{
		p.stored(storing{id: "github", name: "GitHub Actions", store: "In the repository: Settings, Secrets and variables, Actions. Store this as NOTIFER_TOPIC_TOKEN.", value: p.value(), use: "Then add the step to a job.", code: `- name: Notify
  if: always()
  env:
    NOTIFER_TOPIC_TOKEN: ${{ secrets.NOTIFER_TOPIC_TOKEN }}
  run: |
    curl -fsS -d "$GITHUB_REPOSITORY: ${{ job.status }}" \
      -H "X-Topic-Token: $NOTIFER_TOPIC_TOKEN" \
      URL`}),
		p.stored(storing{id: "gitlab", name: "GitLab CI", store: "In the project: Settings, CI/CD, Variables. Store this as NOTIFER_TOPIC_TOKEN, masked.", value: p.value(), use: "Then add the job.", code: `notify:
  stage: .post
  image: curlimages/curl
  script:
    - |
      curl -fsS -d "$CI_PROJECT_NAME: $CI_COMMIT_TITLE" \
        -H "X-Topic-Token: $NOTIFER_TOPIC_TOKEN" \
        URL`}),
		p.stored(storing{id: "docker", name: "Docker", store: "Save this as the file notifer_topic_token next to the compose file, mode 600.", value: p.value(), use: "Then pass it to the service as a secret.", code: `services:
  app:
    image: curlimages/curl
    environment:
      NOTIFER_TOKEN_FILE: /run/secrets/notifer_topic_token
    command:
      - sh
      - -c
      - |
        curl -fsS -d "It works" \
          -H "X-Topic-Token: $$(cat $$NOTIFER_TOKEN_FILE)" \
          URL
    secrets:
      - notifer_topic_token
secrets:
  notifer_topic_token:
    file: ./notifer_topic_token`}),
		p.stored(storing{id: "systemd", name: "systemd", store: "Save this line as /etc/notifer-token.env, mode 600.", value: variable + "=" + p.value(), use: "Then add this unit, and set it as OnFailure= in the units to watch.", code: `# /etc/systemd/system/notify-failure@.service
# In the unit to watch: OnFailure=notify-failure@%n.service
[Unit]
Description=Notify about the failure of %i

[Service]
Type=oneshot
EnvironmentFile=/etc/notifer-token.env
ExecStart=/usr/bin/curl -fsS -d "%i failed on %H" -H "X-Priority: 5" -H "X-Topic-Token: ${NOTIFER_TOPIC_TOKEN}" URL`}),
		p.stored(storing{id: "home", name: "Home Assistant", store: "Add this line to secrets.yaml.", value: "notifer_topic_token: " + p.value(), use: "Then add the command to configuration.yaml.", code: `rest_command:
  notifer:
    url: URL
    method: post
    headers:
      X-Topic-Token: !secret notifer_topic_token
      X-Title: "{{ title }}"
    payload: "{{ message }}"`}),
		p.stored(storing{id: "env", name: ".env", store: "Add this line to .env, and .env to .gitignore.", value: variable + "=" + p.value(), use: "Then load it in the script.", code: `set -a
. ./.env
set +a
curl -fsS -d "It works" \
  -H "X-Topic-Token: $NOTIFER_TOPIC_TOKEN" \
  URL`}),
	}
}

func (p filling) subscribers() []Example {
	socket := "ws" + strings.TrimPrefix(p.url, "http") + "/ws"
	return []Example{
		p.one("read-curl", "Read with curl", "curl -fsSN \\\n  -H \"X-Topic-Token: "+p.shell()+"\" \\\n  "+p.url+"/sse"),
		p.one("read-websocat", "Read with websocat", "websocat "+socket+" -H \"X-Topic-Token: "+p.shell()+"\""),
		p.one("read-browser", "Read with EventSource", p.fill(`const stream = new EventSource('URL/sse?token=SECRET')
stream.onmessage = event => console.log(JSON.parse(event.data).message)`, p.value())),
		p.one("read-python", "Read with Python", p.fill(p.either("", "import os\n")+`import json
from urllib.request import Request, urlopen

request = Request("URL/sse", headers={"X-Topic-Token": SECRET})
for line in urlopen(request):
    if line.startswith(b"data: "):
        print(json.loads(line[6:])["message"], flush=True)`, p.either(`"`+p.secret+`"`, `os.environ["NOTIFER_TOPIC_TOKEN"]`))),
	}
}
