package web

import "strings"

// variable is the name under which services store a secret, as the documentation uses it.
const variable = "NOTIFER_TOPIC_TOKEN"

func (p filling) services() []Example {
	return []Example{
		p.stored("github", "GitHub Actions", p.value(), p.fill(`- name: Notify
  if: always()
  env:
    NOTIFER_TOPIC_TOKEN: ${{ secrets.NOTIFER_TOPIC_TOKEN }}
  run: |
    curl -fsS -d "$GITHUB_REPOSITORY: ${{ job.status }}" \
      -H "X-Topic-Token: $NOTIFER_TOPIC_TOKEN" \
      URL`, "")),
		p.stored("gitlab", "GitLab CI", p.value(), p.fill(`notify:
  stage: .post
  image: curlimages/curl
  script:
    - |
      curl -fsS -d "$CI_PROJECT_NAME: $CI_COMMIT_TITLE" \
        -H "X-Topic-Token: $NOTIFER_TOPIC_TOKEN" \
        URL`, "")),
		p.stored("docker", "Docker", p.value(), p.fill(`services:
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
    file: ./notifer_topic_token`, "")),
		p.stored("systemd", "systemd", variable+"="+p.value(), p.fill(`# /etc/systemd/system/notify-failure@.service
# In the unit to watch: OnFailure=notify-failure@%n.service
[Unit]
Description=Tell Notifer that %i failed

[Service]
Type=oneshot
EnvironmentFile=/etc/notifer-token.env
ExecStart=/usr/bin/curl -fsS -d "%i failed on %H" -H "X-Priority: 5" -H "X-Topic-Token: ${NOTIFER_TOPIC_TOKEN}" URL`, "")),
		p.stored("home", "Home Assistant", "notifer_topic_token: "+p.value(), p.fill(`rest_command:
  notifer:
    url: URL
    method: post
    headers:
      X-Topic-Token: !secret notifer_topic_token
      X-Title: "{{ title }}"
    payload: "{{ message }}"`, "")),
		p.stored("env", ".env", variable+"="+p.value(), p.fill(`set -a
. ./.env
set +a
curl -fsS -d "It works" \
  -H "X-Topic-Token: $NOTIFER_TOPIC_TOKEN" \
  URL`, "")),
	}
}

func (p filling) subscribers() []Example {
	socket := "ws" + strings.TrimPrefix(p.url, "http") + "/ws"
	return []Example{
		p.one("read-curl", Say(p.ctx, "snippet.read", "curl"), "curl -fsSN \\\n  -H \"X-Topic-Token: "+p.shell()+"\" \\\n  "+p.url+"/sse"),
		p.one("read-websocat", Say(p.ctx, "snippet.read", "websocat"), "websocat "+socket+" -H \"X-Topic-Token: "+p.shell()+"\""),
		p.one("read-browser", Say(p.ctx, "snippet.read", "EventSource"), p.fill(`const stream = new EventSource('URL/sse?token=SECRET')
stream.onmessage = event => console.log(JSON.parse(event.data).message)`, p.value())),
		p.one("read-python", Say(p.ctx, "snippet.read", "Python"), p.fill(p.either("", "import os\n")+`import json
from urllib.request import Request, urlopen

request = Request("URL/sse", headers={"X-Topic-Token": SECRET})
for line in urlopen(request):
    if line.startswith(b"data: "):
        print(json.loads(line[6:])["message"], flush=True)`, p.either(`"`+p.secret+`"`, `os.environ["TOPIC_TOKEN"]`))),
	}
}
